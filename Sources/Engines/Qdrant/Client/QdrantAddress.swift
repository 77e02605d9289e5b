import Recovery

/// A target's `url:` as the configuration writes it: `https://qdrant.internal:6333/prefix?ca=/etc/ssl/qdrant.pem`.
enum QdrantAddress {
    private static let known = [QdrantServer.Option.caFile, QdrantServer.Option.certificate, QdrantServer.Option.key]

    static func read(_ url: String, of target: String) throws -> ServerAddress {
        func refuse(_ problem: String, _ hint: String = "write it as http://HOST:6333 or https://HOST:6333") -> Failure {
            Failure(.configuration, "the url of target '\(target)' cannot be understood: \(problem)", hint: hint)
        }
        if let scheme = url.firstRange(of: "://").map({ url[..<$0.lowerBound].lowercased() }), scheme != "http", scheme != "https" {
            throw refuse(
                "'\(scheme)' is no scheme of Qdrant's REST interface",
                scheme == "grpc" ? "lifeboat speaks REST: write http:// and the REST port, 6333" : "write it as http://HOST:6333")
        }
        let address: WebAddress
        do { address = try WebAddress(url) } catch {
            if let hint = error.hint ?? error.host.map({ "write it as http://\($0):6333" }) { throw refuse(error.problem, hint) }
            throw refuse(error.problem)
        }
        guard address.user == nil else {
            throw Failure(
                .configuration, "the url of target '\(target)' holds a user: Qdrant knows keys only",
                hint: "write the key beside it, as in api_key: {env: QDRANT_API_KEY}")
        }
        var options = [QdrantServer.Option.scheme: address.scheme]
        if !address.path.isEmpty { options[QdrantServer.Option.prefix] = address.path }
        for (name, value) in address.arguments {
            guard known.contains(name), let value else {
                // Without its value: some write the key there.
                throw refuse(
                    "'\(name)' is nothing that a url of Qdrant takes",
                    "behind '?' there may be ca=, cert= and key=, with paths of PEM files")
            }
            options[name] = value
        }
        let port = address.port ?? (address.scheme == "https" ? 443 : 6333)
        return ServerAddress(host: address.host, port: port, user: nil, password: nil, options: options)
    }
}
