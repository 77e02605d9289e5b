import Outlets
import Recovery

extension Output {
    /// A run's end: as text for people, as the JSON result for machines.
    func show(_ ended: RunSession.Ended, _ services: Services) throws {
        if json {
            show(bytes: try JSONReport().render(ended.result))
        } else {
            show(page: ended)
        }
    }

    /// As text for people; nothing with `--json`.
    func show(page ended: RunSession.Ended) {
        show(page: TextReport(style: style, width: width, reports: ended.reports).text(ended.result))
    }
}
