/** What the buttons above the text do to it: marks around words, and at the start of lines. */
import { EditorSelection, type ChangeSpec } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';

const MARKS = { bold: '**', italic: '*', code: '`' } as const;
export type MarkName = keyof typeof MARKS;

const STARTS = { heading: '## ', subheading: '### ', list: '- ', numbers: '1. ', quote: '> ' } as const;
export type StartName = keyof typeof STARTS;

const ANY_START = /^(#{1,6} |[-*+] |\d+[.)] |> )/;

/** Puts the mark around what is selected, or takes it away where it is there. */
export function applyMark(view: EditorView, name: MarkName): boolean {
  const m = MARKS[name];
  view.dispatch(
    view.state.changeByRange((r) => {
      const word = r.empty ? view.state.wordAt(r.head) : null;
      const { from, to } = word ?? r;
      const around = view.state.sliceDoc(from - m.length, from) === m && view.state.sliceDoc(to, to + m.length) === m;
      // One star within two is no italic of its own.
      const bold = name === 'italic' && view.state.sliceDoc(from - 2, from) === '**' && view.state.sliceDoc(from - 3, from) !== '***';
      if (around && !bold)
        return {
          changes: [{ from: from - m.length, to: from }, { from: to, to: to + m.length }],
          range: EditorSelection.range(from - m.length, to - m.length),
        };
      return { changes: [{ from, insert: m }, { from: to, insert: m }], range: EditorSelection.range(from + m.length, to + m.length) };
    }),
    { userEvent: 'input', scrollIntoView: true },
  );
  view.focus();
  return true;
}

/** Makes every line that is touched begin so, or makes them plain where all do. */
export function applyStart(view: EditorView, name: StartName): void {
  const { state } = view;
  const lines = new Map<number, string>();
  for (const r of state.selection.ranges)
    for (let at = r.from; at <= r.to; ) {
      const line = state.doc.lineAt(at);
      lines.set(line.from, line.text);
      at = line.to + 1;
    }
  const start = STARTS[name];
  const has = (text: string) => (name === 'numbers' ? /^\d+[.)] /.test(text) : text.startsWith(start));
  const all = [...lines.values()].every(has);
  const changes: ChangeSpec[] = [];
  let n = 1;
  for (const [from, text] of lines) {
    const old = ANY_START.exec(text)?.[0] ?? '';
    if (lines.size > 1 && !text.trim()) continue;
    changes.push({ from, to: from + old.length, insert: all ? '' : name === 'numbers' ? `${n++}. ` : start });
  }
  view.dispatch({ changes, userEvent: 'input', scrollIntoView: true });
  view.focus();
}

/** Makes a link of what is selected; where nothing is, of `word`, which is then selected to be written over. */
export function insertLink(view: EditorView, word: string): void {
  const { from, to } = view.state.selection.main;
  const text = view.state.sliceDoc(from, to) || word;
  const address = 'https://';
  const at = from + text.length + 3;
  view.dispatch({
    changes: { from, to, insert: `[${text}](${address})` },
    selection: from === to ? EditorSelection.range(from + 1, from + 1 + text.length) : EditorSelection.range(at, at + address.length),
    userEvent: 'input',
    scrollIntoView: true,
  });
  view.focus();
}
