/// How the report looks: one column on a phone, as many as fit elsewhere; light or dark as the reader's system is.
enum ReportStyle {
    static let css: HTML = """
        :root {
          --ground: #f6f6f3; --card: #ffffff; --ink: #1b1e21; --soft: #62686e; --line: #e2e2dc;
          --done: #2b7a8c; --failed: #c8501e; --large: #b3261e;
          --stage0: #2b7a8c; --stage1: #7fb7a4; --stage2: #d9a441; --stage3: #c8501e; --stage4: #7a6a93;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #121416; --card: #1b1e21; --ink: #e9e9e5; --soft: #a1a7ad; --line: #2e3337;
            --done: #5fb3c6; --failed: #f08a55; --large: #ff9d92;
            --stage0: #5fb3c6; --stage1: #8fcbb6; --stage2: #e3b65e; --stage3: #f08a55; --stage4: #ab9ac6;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--ground); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        header, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1rem; }
        header { padding-top: 1.5rem; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
        h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
        h3 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
        p { margin: .25rem 0; }
        header p, footer p, figcaption, .count, .file, time { color: var(--soft); }
        footer { padding: 2rem 1rem; font-size: .85rem; }
        figure { margin: 0; }
        figcaption { font-size: .8rem; }
        code { font: .95em ui-monospace, "DejaVu Sans Mono", monospace; }
        .count { font-weight: normal; font-size: .85rem; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; }
        .cards { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
        .tiles {
          display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); margin: 0;
          padding: 0; list-style: none;
        }
        .tiles li {
          padding: .75rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
          color: var(--soft); font-size: .85rem; line-height: 1.25;
        }
        .tiles b { display: block; color: var(--ink); font-size: 1.5rem; font-variant-numeric: tabular-nums; }
        .plot { display: block; width: 100%; height: 3.25rem; border-bottom: 1px solid var(--line); }
        .wide .plot { height: 8rem; }
        .bar, .cell, rect.done { fill: var(--done); }
        rect.failed { fill: var(--failed); }
        .scale { display: flex; justify-content: space-between; gap: .5rem; font-variant-numeric: tabular-nums; }
        .key { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .4rem; font-size: .85rem;
          margin-bottom: .5rem; }
        .most { margin-left: auto; color: var(--soft); }
        .swatch::before {
          content: ""; display: inline-block; width: .8rem; height: .8rem; margin-right: .3rem; border-radius: .2rem;
          vertical-align: -.05rem; background: var(--done);
        }
        .swatch { margin-right: .4rem; }
        .swatch.failed::before { background: var(--failed); }
        .heat { display: grid; grid-template-columns: 6.5rem 1fr; gap: 1rem; margin-top: .75rem; align-items: start; }
        .heat .plot { height: 2rem; }
        .heat figure + figure { margin-top: .4rem; }
        .ninths { display: block; width: 100%; }
        .ninths text { font: 9px system-ui, sans-serif; fill: var(--ink); text-anchor: middle; }
        .overlays {
          display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); list-style: none;
          margin: 0; padding: 0;
        }
        .overlays li {
          background: var(--card); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden;
        }
        .overlays img { display: block; width: 100%; height: auto; aspect-ratio: 4 / 3; object-fit: contain;
          background: var(--line); }
        .overlays figcaption { padding: .4rem .6rem .5rem; line-height: 1.35; overflow-wrap: anywhere; }
        .overlays b { color: var(--ink); }
        .file, .zero { display: block; font-size: .75rem; }
        .zero { color: var(--failed); }
        .absent {
          display: grid; place-items: center; aspect-ratio: 4 / 3; padding: .5rem; text-align: center;
          color: var(--soft); font-size: .75rem; background: var(--ground);
        }
        .notice { color: var(--failed); }
        .remedy::before { content: "→ "; }
        .remedy { color: var(--done); }
        details { margin: .5rem 0; font-size: .85rem; max-width: 48rem; }
        summary { cursor: pointer; }
        details ul { margin: .25rem 0; padding-left: 1.1rem; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; }
        th { text-align: left; font-weight: 600; }
        th, td { padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line); vertical-align: top; }
        thead th { border-top: 0; color: var(--soft); font-weight: normal; font-size: .8rem; }
        .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
        .name { overflow-wrap: anywhere; min-width: 7rem; }
        .bars { width: 45%; }
        .stages { display: block; width: 100%; height: .8rem; margin-top: .3rem; }
        .small { color: var(--soft); font-size: .8rem; }
        .large { color: var(--large); font-weight: 600; font-size: .8rem; }
        rect.stage0 { fill: var(--stage0); } .swatch.stage0::before { background: var(--stage0); }
        rect.stage1 { fill: var(--stage1); } .swatch.stage1::before { background: var(--stage1); }
        rect.stage2 { fill: var(--stage2); } .swatch.stage2::before { background: var(--stage2); }
        rect.stage3 { fill: var(--stage3); } .swatch.stage3::before { background: var(--stage3); }
        rect.stage4 { fill: var(--stage4); } .swatch.stage4::before { background: var(--stage4); }
        @media (max-width: 40rem) {
          .optional { display: none; }
          .overlays { grid-template-columns: repeat(2, 1fr); }
          .wide .plot { height: 6rem; }
        }
        @media print { body { background: none; } .card, .overlays li, .tiles li { break-inside: avoid; } }
        """
}
