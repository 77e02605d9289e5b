/// `{"event":"step.started","data":{…}}`: a person reads the word first, and a reader that does not know it refuses it.
extension JournalEvent {
    private enum Keys: String, CodingKey { case event, data }

    private enum Word: String, Codable {
        case runStarted = "run.started"
        case runResumed = "run.resumed"
        case environmentStarting = "environment.starting"
        case environmentStarted = "environment.started"
        case environmentAdopted = "environment.adopted"
        case environmentEnded = "environment.ended"
        case identified = "target.identified"
        case proven = "backup.proven"
        case confirmed = "guard.confirmed"
        case stepStarted = "step.started"
        case stepRemembered = "step.remembered"
        case stepEnded = "step.ended"
        case notice
        case runEnded = "run.ended"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        switch try values.decode(Word.self, forKey: .event) {
        case .runStarted: self = .runStarted(try values.decode(RunStarted.self, forKey: .data))
        case .runResumed: self = .runResumed(try values.decode(RunResumed.self, forKey: .data))
        case .environmentStarting: self = .environmentStarting(try values.decode(EnvironmentGeneration.self, forKey: .data))
        case .environmentStarted: self = .environmentStarted(try values.decode(EnvironmentStarted.self, forKey: .data))
        case .environmentAdopted: self = .environmentAdopted(try values.decode(EnvironmentGeneration.self, forKey: .data))
        case .environmentEnded: self = .environmentEnded(try values.decode(EnvironmentGeneration.self, forKey: .data))
        case .identified: self = .identified(try values.decode(Identified.self, forKey: .data))
        case .proven: self = .proven(try values.decode(Proven.self, forKey: .data))
        case .confirmed: self = .confirmed(try values.decode(Confirmed.self, forKey: .data))
        case .stepStarted: self = .stepStarted(try values.decode(StepStarted.self, forKey: .data))
        case .stepRemembered: self = .stepRemembered(try values.decode(StepRemembered.self, forKey: .data))
        case .stepEnded: self = .stepEnded(try values.decode(StepEnded.self, forKey: .data))
        case .notice: self = .notice(try values.decode(Notice.self, forKey: .data))
        case .runEnded: self = .runEnded(try values.decode(RunEnded.self, forKey: .data))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Keys.self)
        func put(_ word: Word, _ data: some Encodable) throws {
            try values.encode(word, forKey: .event)
            try values.encode(data, forKey: .data)
        }
        switch self {
        case .runStarted(let data): try put(.runStarted, data)
        case .runResumed(let data): try put(.runResumed, data)
        case .environmentStarting(let data): try put(.environmentStarting, data)
        case .environmentStarted(let data): try put(.environmentStarted, data)
        case .environmentAdopted(let data): try put(.environmentAdopted, data)
        case .environmentEnded(let data): try put(.environmentEnded, data)
        case .identified(let data): try put(.identified, data)
        case .proven(let data): try put(.proven, data)
        case .confirmed(let data): try put(.confirmed, data)
        case .stepStarted(let data): try put(.stepStarted, data)
        case .stepRemembered(let data): try put(.stepRemembered, data)
        case .stepEnded(let data): try put(.stepEnded, data)
        case .notice(let data): try put(.notice, data)
        case .runEnded(let data): try put(.runEnded, data)
        }
    }
}
