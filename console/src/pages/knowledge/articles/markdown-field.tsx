/** The field for the article's text with its buttons. */
import { useEffect, useRef } from 'preact/hooks';
import { modKey } from '../../../keys/actions';
import { toast } from '../../../state/toasts';
import { number } from '../../../i18n';
import { LONGEST } from './api';
import { mount, type Field } from './codemirror';
import { Glyph, type GlyphName } from './glyph';
import { t } from './words';

export interface MarkdownFieldProps {
  text: string;
  /** Changes where the text came from elsewhere: only then it is put into the field, which may be a letter ahead. */
  round: number;
  language: string;
  change: (text: string) => void;
  focus: boolean;
}

export function MarkdownField({ text, round, language, change, focus }: MarkdownFieldProps) {
  const host = useRef<HTMLDivElement>(null);
  const field = useRef<Field | undefined>(undefined);
  const told = useRef(change);
  told.current = change;

  useEffect(() => {
    const f = mount(host.current!, {
      text,
      language,
      label: t('text'),
      hint: t('text_hint'),
      longest: LONGEST,
      phrases: searchWords(),
      change: (now) => told.current(now),
      refused: (n) => toast(t('too_much', { n, most: LONGEST }), 'bad'),
    });
    field.current = f;
    if (focus) f.focus();
    return () => f.destroy();
  }, []);
  useEffect(() => field.current?.set(text), [round]);
  useEffect(() => field.current?.language(language), [language]);

  const button = (icon: GlyphName, label: string, run: (f: Field) => void, key?: string) => (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={key ? `${label} (${modKey()} ${key})` : label}
      // The field keeps what is selected in it.
      onPointerDown={(e) => e.preventDefault()}
      onClick={() => field.current && run(field.current)}
    >
      <Glyph name={icon} size={17} />
    </button>
  );
  return (
    <div class="markdown-field">
      <div class="markdown-tools" role="group" aria-label={t('format')}>
        {button('bold', t('bold'), (f) => f.mark('bold'), 'B')}
        {button('italic', t('italic'), (f) => f.mark('italic'), 'I')}
        {button('heading', t('heading'), (f) => f.start('heading'))}
        {button('subheading', t('subheading'), (f) => f.start('subheading'))}
        {button('list', t('list'), (f) => f.start('list'))}
        {button('numbers', t('numbers'), (f) => f.start('numbers'))}
        {button('quote', t('quote'), (f) => f.start('quote'))}
        {button('link', t('link'), (f) => f.link(t('link_words')))}
        <span class="grow" />
        <span class={`hint${text.length > LONGEST * 0.9 ? ' near-end' : ''}`}>{t('characters', { n: number(text.length) })}</span>
      </div>
      <div class="markdown-host" ref={host} />
    </div>
  );
}

/** What the search within the text says. */
const searchWords = (): Record<string, string> => ({
  Find: t('find'),
  Replace: t('replace_with'),
  next: t('find_next'),
  previous: t('find_previous'),
  all: t('find_all'),
  'match case': t('find_case'),
  regexp: t('find_regexp'),
  'by word': t('find_word'),
  replace: t('replace'),
  'replace all': t('replace_all'),
  close: t('close'),
});
