/**
 * The field in which Markdown is written: CodeMirror in a shadow root, where its styles are adopted
 * sheets, which the page's policy allows. Tab leaves the field, as everywhere on the page.
 */
import { defaultKeymap, history, historyKeymap, redo, undo } from '@codemirror/commands';
import { markdownKeymap, markdownLanguage, pasteURLAsLink } from '@codemirror/lang-markdown';
import { HighlightStyle, LanguageSupport, syntaxHighlighting } from '@codemirror/language';
import { search, searchKeymap } from '@codemirror/search';
import { Annotation, Compartment, EditorState, Prec, type Extension } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { applyMark, applyStart, insertLink, type MarkName, type StartName } from './marks';

export interface Setup {
  text: string;
  label: string;
  hint: string;
  /** BCP 47, for the browser's spelling. */
  language: string;
  longest: number;
  phrases: Record<string, string>;
  change(text: string): void;
  /** What was to be put in would have made the text this long; nothing was changed. */
  refused(length: number): void;
}

export interface Field {
  /** Makes the field show another text; the cursor stays where it can. */
  set(text: string): void;
  language(code: string): void;
  mark(name: MarkName): void;
  start(name: StartName): void;
  link(word: string): void;
  undo(): void;
  redo(): void;
  focus(): void;
  destroy(): void;
}

/** The change comes from outside: it is not told back, and not refused. */
const outside = Annotation.define<true>();

const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'transparent', fontSize: '15px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'inherit', lineHeight: '1.65', overflow: 'auto' },
  '.cm-content': { padding: '14px 16px 40px', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0' },
  '.cm-placeholder': { color: 'var(--soft)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--accent-soft)' },
  '.cm-searchMatch': { backgroundColor: 'var(--mark)' },
  '.cm-searchMatch-selected': { outline: '2px solid var(--mark-line)' },
  '.cm-panels': { backgroundColor: 'var(--sunk)', color: 'var(--ink)', borderColor: 'var(--line)' },
  '.cm-panels-top': { borderBlockEnd: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '8px 34px 8px 10px', fontSize: '13px' },
  '.cm-panel.cm-search label': { fontSize: '13px' },
  '.cm-textfield': { backgroundColor: 'var(--surface)', color: 'var(--ink)', border: '1px solid var(--edge)', borderRadius: '6px', padding: '4px 8px', fontSize: '13px' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--surface)', color: 'var(--ink)', border: '1px solid var(--line)', borderRadius: '6px', padding: '4px 10px', fontSize: '13px' },
  '.cm-panel.cm-search [name=close]': { color: 'var(--soft)', fontSize: '20px', padding: '4px 8px' },
});

const colours = HighlightStyle.define([
  { tag: tags.heading1, fontWeight: '700', fontSize: '1.3em' },
  { tag: tags.heading2, fontWeight: '700', fontSize: '1.15em' },
  { tag: tags.heading, fontWeight: '700' },
  { tag: tags.strong, fontWeight: '700' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: tags.link, color: 'var(--accent-ink)' },
  { tag: tags.url, color: 'var(--accent-ink)' },
  { tag: tags.monospace, fontFamily: 'ui-monospace, monospace', fontSize: '.93em' },
  { tag: tags.quote, color: 'var(--soft)' },
  { tag: tags.processingInstruction, color: 'var(--soft)' },
  { tag: [tags.tagName, tags.angleBracket, tags.attributeName, tags.attributeValue, tags.comment], color: 'var(--bad-ink)' },
]);

function limit(s: Setup): Extension {
  return EditorState.transactionFilter.of((tr) => {
    if (!tr.docChanged || tr.annotation(outside) || tr.newDoc.length <= s.longest || tr.newDoc.length <= tr.startState.doc.length) return tr;
    s.refused(tr.newDoc.length);
    return [];
  });
}

export function mount(host: HTMLElement, s: Setup): Field {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const parent = document.createElement('div');
  parent.style.height = '100%';
  root.replaceChildren(parent);
  const tongue = new Compartment();
  const attributes = (lang: string) => EditorView.contentAttributes.of({ 'aria-label': s.label, lang, spellcheck: 'true', autocorrect: 'on', autocapitalize: 'sentences' });
  const run = (name: MarkName) => (v: EditorView) => applyMark(v, name);
  const view = new EditorView({
    parent,
    root,
    state: EditorState.create({
      doc: s.text,
      extensions: [
        history(),
        search({ top: true }),
        keymap.of([{ key: 'Mod-b', run: run('bold') }, { key: 'Mod-i', run: run('italic') }, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
        // markdown() would bring the languages of web pages along, at twice the size.
        new LanguageSupport(markdownLanguage),
        Prec.high(keymap.of(markdownKeymap)),
        pasteURLAsLink,
        syntaxHighlighting(colours),
        EditorView.lineWrapping,
        placeholder(s.hint),
        tongue.of(attributes(s.language)),
        EditorState.phrases.of(s.phrases),
        limit(s),
        look,
        EditorView.updateListener.of((u) => {
          if (u.docChanged && !u.transactions.every((t) => t.annotation(outside))) s.change(u.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    set(text) {
      const now = view.state.doc.toString();
      if (now === text) return;
      // Only what differs is put in, so that the cursor and what is scrolled to stay.
      let from = 0;
      while (from < now.length && from < text.length && now[from] === text[from]) from++;
      let end = 0;
      while (end < now.length - from && end < text.length - from && now[now.length - 1 - end] === text[text.length - 1 - end]) end++;
      view.dispatch({ changes: { from, to: now.length - end, insert: text.slice(from, text.length - end) }, annotations: outside.of(true) });
    },
    language: (code) => view.dispatch({ effects: tongue.reconfigure(attributes(code)) }),
    mark: (name) => void applyMark(view, name),
    start: (name) => applyStart(view, name),
    link: (word) => insertLink(view, word),
    undo: () => void undo(view),
    redo: () => void redo(view),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
