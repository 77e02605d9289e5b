/// Round times to draw lines at: few enough to be read at any width, many enough to compare bars by.
struct TimeAxis: Equatable {
    /// What the full width stands for; above zero.
    let seconds: Double
    /// Where the lines stand, from 0, at most 6 of them.
    let ticks: [Double]

    init(seconds: Double) {
        let length = seconds.isFinite ? min(max(seconds, 0.001), 1e12) : 1
        let step = Self.step(for: length)
        self.seconds = length
        ticks = (0...5).map { Double($0) * step }.filter { $0 <= length }
    }

    private static func step(for length: Double) -> Double {
        let wanted = length / 5
        if let round = roundSteps.first(where: { $0 >= wanted }) { return round }
        // Beyond days: 1, 2 or 5 times a power of ten of them.
        var days = 10.0
        while true {
            for factor in [1.0, 2, 5] where factor * days * 86_400 >= wanted { return factor * days * 86_400 }
            days *= 10
        }
    }

    private static let roundSteps: [Double] = [
        0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400,
        21_600,
        43_200, 86_400, 172_800, 432_000,
    ]

    /// The place of a moment as a percentage of the width.
    func percent(_ moment: Double) -> Double { min(max(moment / seconds, 0), 1) * 100 }
}
