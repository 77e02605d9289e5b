/// The page's whole style: no outside resource, light and dark, paper and telephone.
enum Stylesheet {
    static let css: HTMLText = #"""
        :root {
          color-scheme: light dark;
          --page: #ffffff; --ink: #1a1d21; --soft: #545c66; --rule: #d4d9df; --panel: #f5f7f9; --link: #0b57a4;
          --good: #0d5a30; --good-page: #e6f4eb; --bad: #9c1020; --bad-page: #fdeaea; --doubtful: #714600; --doubtful-page: #fdf2dc;
          --stroke: #4a525c;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --page: #14171b; --ink: #e8eaed; --soft: #a9b1bb; --rule: #373d45; --panel: #1d2126; --link: #8ec1f7;
            --good: #9fe3bd; --good-page: #0f2d1d; --bad: #ffb4b4; --bad-page: #3b1518; --doubtful: #f2d18a; --doubtful-page: #33270c;
            --stroke: #f0f2f4;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; padding: 1.5rem clamp(0.9rem, 3vw, 2.5rem) 3rem; max-width: 72rem; background: var(--page); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
          overflow-wrap: anywhere; -webkit-text-size-adjust: 100%;
        }
        h1 { font-size: clamp(1.6rem, 4.5vw, 2.4rem); line-height: 1.15; margin: 0; }
        h2 { font-size: 1.3rem; margin: 2.6rem 0 0.8rem; padding-top: 0.9rem; border-top: 1px solid var(--rule); }
        h3 { font-size: 1.02rem; margin: 1.5rem 0 0.5rem; }
        p { margin: 0.4rem 0; }
        bdi, code, td, th, dd { unicode-bidi: isolate; }
        code, pre { font: 0.875em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        pre { margin: 0.4rem 0; padding: 0.6rem 0.8rem; background: var(--panel); border: 1px solid var(--rule); white-space: pre-wrap; }
        .soft { color: var(--soft); }
        .good { color: var(--good); } .bad { color: var(--bad); } .doubtful { color: var(--doubtful); }
        .verdict { padding: 1.3rem 1.5rem; border-left: 0.6rem solid currentColor; }
        .verdict.good { background: var(--good-page); } .verdict.bad { background: var(--bad-page); }
        .verdict.doubtful { background: var(--doubtful-page); }
        .verdict p { font-size: 1.1rem; margin: 0.5rem 0 0; }
        .verdict .name { color: var(--ink); font-weight: 600; }
        .verdict .about { color: var(--ink); font-size: 1rem; }
        .rehearsal {
          margin: 0 0 1rem; padding: 0.7rem 1rem; border: 3px double currentColor; color: var(--doubtful); background: var(--doubtful-page);
        }
        .rehearsal strong { display: block; font-size: 1.25rem; letter-spacing: 0.05em; }
        dl.facts { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: 0.3rem 1.2rem; margin: 0.9rem 0; }
        dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 0.9rem; }
        .card { border: 1px solid var(--rule); background: var(--panel); padding: 0.9rem 1.1rem; }
        .card h3 { margin: 0; font-size: 0.95rem; font-weight: 600; }
        .card .figure { font-size: 1.7rem; font-weight: 650; line-height: 1.2; margin: 0.35rem 0; }
        .card p { margin: 0.2rem 0; }
        a { color: var(--link); }
        .failure ul { margin: 0; padding-left: 1.1rem; }
        .failure { border-left: 0.3rem solid var(--bad); padding-left: 1.1rem; }
        table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--soft); padding-bottom: 0.3rem; }
        th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.9rem 0.4rem 0; border-bottom: 1px solid var(--rule); }
        thead th { color: var(--soft); font-weight: 600; font-size: 0.88rem; }
        tbody th { font-weight: 500; }
        td.number, th.number { text-align: right; white-space: nowrap; }
        tr.finding > * { background: var(--bad-page); }
        tr.finding > :first-child { box-shadow: inset 0.25rem 0 var(--bad); padding-left: 0.7rem; }
        th ul, td ul { margin: 0.2rem 0 0.1rem; font-weight: 400; padding-left: 1.1rem; font-size: 0.9rem; color: var(--soft); }
        td strong { overflow-wrap: normal; }
        table.stacked:not(.steps) tbody th { width: 28%; }
        th.group { padding-top: 1.1rem; font-weight: 600; }
        table.steps td:nth-child(1) { width: 5.5rem; } table.steps td:nth-child(3) { width: 8rem; }
        table.steps .number { width: 7rem; }
        dd > ul { margin: 0; padding-left: 1.1rem; }
        details { margin: 0.4rem 0 0.8rem; }
        summary { cursor: pointer; padding: 0.35rem 0; color: var(--link); }
        .timeline { display: block; overflow: visible; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; }
        .timeline text { fill: var(--ink); } .timeline text.tick, .timeline text.remark { fill: var(--soft); }
        .timeline line.tick { stroke: var(--rule); }
        .timeline line.pause { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 5 4; }
        .timeline .bar, .legend .bar { stroke: var(--stroke); stroke-width: 1; }
        .timeline .trouble { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 4 2; }
        .timeline text.mark { fill: var(--bad); font-weight: 700; paint-order: stroke; stroke: var(--page); stroke-width: 3px; }
        .timeline text.inside { fill: #101316; font-size: 11px; paint-order: stroke; stroke: #ffffff; stroke-width: 3px; stroke-linejoin: round; }
        .hatch { stroke: #101316; stroke-opacity: 0.42; stroke-width: 1; fill: none; }
        .hatch .dot { fill: #101316; fill-opacity: 0.5; stroke: none; }
        .legend { display: flex; flex-wrap: wrap; gap: 0.35rem 1.3rem; list-style: none; padding: 0; margin: 0.9rem 0 0; font-size: 0.9rem; }
        .legend li { display: flex; align-items: center; gap: 0.45rem; }
        footer { margin-top: 3rem; padding-top: 0.9rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: 0.9rem; }
        @media screen and (max-width: 40rem) {
          dl.facts { grid-template-columns: 1fr; gap: 0; } dl.facts dd { margin-bottom: 0.55rem; }
          .verdict { padding: 1rem 1rem 1rem 1.1rem; }
          table.stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
          table.stacked tr { display: block; padding: 0.5rem 0; border-bottom: 1px solid var(--rule); }
          table.stacked th, table.stacked td, table.stacked:not(.steps) tbody th { display: block; width: auto; border: 0; padding: 0.1rem 0; text-align: left; white-space: normal; }
          table.steps td:nth-child(n), table.steps .number { width: auto; }
          table.stacked td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); }
          table.stacked td:empty { display: none; }
          tr.finding { background: var(--bad-page); box-shadow: inset 0.25rem 0 var(--bad); }
          tr.finding > * { padding-left: 0.7rem !important; } tr.finding > :first-child { box-shadow: none; }
        }
        @page { size: A4; margin: 15mm 14mm; }
        @media print {
          body { padding: 0; max-width: none; font-size: 10pt; }
          .verdict, .rehearsal, .card, tr.finding > *, .timeline, .legend, pre { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          h2 { margin-top: 1.6rem; } h2, h3, caption { break-after: avoid; }
          .cards { grid-template-columns: repeat(3, 1fr); gap: 0.5rem; } .card { padding: 0.6rem 0.7rem; } .card .figure { font-size: 1.35rem; }
          tr:has(> .group) { break-after: avoid; }
          tr, pre, .card, .timeline, .legend, .verdict, .failure { break-inside: avoid; }
          thead { display: table-header-group; }
          summary { color: var(--ink); }
        }
        """#
}
