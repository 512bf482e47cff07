/** Where an agent writes: the draft stands in it, and one key sends it. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Tone } from '../../api/types';
import { languageName, plural, t } from '../../i18n';
import { ALT, modKey, TONES } from '../../keys/actions';
import type { Desk } from '../../state/desk';
import { pieces } from '../../state/marks';
import { me, sites } from '../../state/session';
import type { Thread } from '../../state/thread';
import { announce, failed } from '../../state/toasts';
import { wantComposer } from '../../state/view';
import { Button, IconButton, Keys } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { Menu } from '../../ui/menu';
import { SuggestList, useChoices, type Choice } from './suggest';
import { fill, triggerAt, type Trigger } from './trigger';

const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pl', 'pt', 'tr', 'uk'];

export function ComposerBox({ desk, thread }: { desk: Desk; thread: Thread }) {
  const composer = desk.composer(thread.id);
  const c = composer.content.value;
  const row = thread.detail.value!.conversation;
  const field = useRef<HTMLTextAreaElement>(null);
  const [trigger, setTrigger] = useState<Trigger | null>(null);
  const [refusedAt, setRefusedAt] = useState(-1); // the trigger that Escape closed
  const [at, setAt] = useState(0);
  const [toning, setToning] = useState<Tone | ''>('');
  const open = trigger && trigger.start !== refusedAt ? trigger : null;
  const found = useChoices(desk, open);
  const text = composer.text;
  const note = c.mode === 'note';

  useEffect(() => {
    if (wantComposer.value) {
      wantComposer.value = false;
      field.current?.focus({ preventScroll: true });
    }
  }, [thread.id]);

  // A list for articles chooses nothing by itself: Enter is to begin a new line there.
  useEffect(() => setAt(open?.kind === 'article' ? -1 : 0), [open?.kind, open?.query]);

  // The caret stays where it was when a draft is written into the field.
  const caret = useRef<[number, number] | null>(null);
  useLayoutEffect(() => {
    const f = field.current;
    if (f && caret.current && document.activeElement === f) f.setSelectionRange(...caret.current);
    caret.current = null;
  }, [text]);

  const look = () => {
    const f = field.current;
    if (!f || f.selectionStart !== f.selectionEnd) return setTrigger(null);
    setTrigger(triggerAt(f.value, f.selectionStart, c.mode));
  };

  /** Puts text into the field the way that typing does, so that the browser can undo it. */
  const insert = (start: number, end: number, words: string) => {
    const f = field.current;
    if (!f) return;
    f.focus();
    f.setSelectionRange(start, end);
    if (!document.execCommand('insertText', false, words)) {
      f.setRangeText(words, start, end, 'end');
      f.dispatchEvent(new Event('input', { bubbles: true }));
    }
  };

  const known = () => ({
    shopper: row.shopper.name,
    agent: me.value?.name ?? '',
    shop: sites.value.find((s) => s.key === desk.site)?.name ?? '',
  });

  const choose = (x: Choice) => {
    const f = field.current;
    if (!f || !open) return;
    const end = f.selectionStart;
    if (x.kind === 'macro') insert(open.start, end, fill(x.macro.text, known()));
    else if (x.kind === 'article') insert(open.start, end, `[${composer.cite(x.article)}]`);
    else {
      composer.mention({ id: x.id, name: x.name });
      insert(open.start, end, `@${x.name} `);
    }
    setTrigger(null);
  };

  const send = (resolve: boolean) => {
    const why = desk.send(thread.id, resolve);
    if (why === 'streaming') announce(t('draft_still_written'));
    else if (why === 'unsupported') announce(t('unsupported_again'));
    field.current?.focus({ preventScroll: true });
  };

  const tone = async (to: Tone, language?: string) => {
    if (toning) return;
    setToning(to);
    try {
      const got = await desk.api.draft(thread.id, { tone: to, ...(language && { language }), ...(c.touched && c.reply.trim() && { text: c.reply }) });
      composer.await(got?.draft?.id ?? '');
      announce(t('tone_asked'));
    } catch (err) {
      failed(err);
    } finally {
      setToning('');
    }
  };
  const otherLanguage = () => void tone('language', row.locale && !row.locale.startsWith(me.value?.locale ?? 'en') ? row.locale : c.reply ? (me.value?.locale === 'en' ? 'de' : 'en') : row.locale);

  const useOffer = () => {
    const o = c.offer;
    if (!o?.done) return;
    // Through the field, so that the browser's own undo brings back what stood there.
    if (!note) insert(0, field.current?.value.length ?? 0, o.text);
    composer.useOffer();
    field.current?.focus({ preventScroll: true });
  };

  const onKey = (e: KeyboardEvent) => {
    const mod = e.ctrlKey || e.metaKey;
    const list = found.choices;
    if (open && !mod && !e.altKey) {
      if (list.length && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
        e.preventDefault();
        return setAt((at + (e.key === 'ArrowDown' ? 1 : list.length - 1) + (at < 0 && e.key === 'ArrowUp' ? 1 : 0)) % list.length);
      }
      if ((e.key === 'Enter' || e.key === 'Tab') && list[at]) {
        e.preventDefault();
        return choose(list[at]!);
      }
      if (e.key === 'Escape') {
        e.preventDefault();
        return setRefusedAt(open.start);
      }
    }
    if (e.key === 'Enter' && mod) {
      e.preventDefault();
      send(e.shiftKey);
    } else if (e.altKey && !mod && e.code === 'KeyU' && c.offer?.done) {
      e.preventDefault();
      useOffer();
    } else if (e.altKey && !mod && !note && e.code.startsWith('Digit')) {
      const x = TONES.find((y) => y.digit === e.code.slice(5));
      if (!x) return;
      e.preventDefault();
      if (x.tone === 'language') otherLanguage();
      else void tone(x.tone);
    }
  };

  const closed = row.state === 'closed';
  const unsupported = !note && c.marks.length > 0;
  const label = note ? t('note_field') : t('reply_field', { name: row.shopper.name || t('the_shopper') });
  const listId = 'suggestions-at-caret';

  return (
    <section class={`composer${note ? ' note' : ''}${c.streaming ? ' streaming' : ''}`} aria-label={t('composer')}>
      {open && (found.state !== 'none' || open.kind === 'article') && <SuggestList id={listId} of={found} at={at} trigger={open} choose={choose} hover={setAt} />}
      <div class="composer-tabs">
        <div class="mode" role="group" aria-label={t('mode')}>
          <button type="button" aria-pressed={!note} onClick={() => (composer.setMode('reply'), field.current?.focus())}>
            <Icon name="reply" size={14} /> {t('reply')}
          </button>
          <button type="button" aria-pressed={note} onClick={() => (composer.setMode('note'), field.current?.focus())}>
            <Icon name="note" size={14} /> {t('note')}
          </button>
        </div>
        <span class="grow" />
        <span class="composer-state" role="status">
          {note ? t('note_only_us') : closed ? t('closed_placeholder') : c.streaming ? t('draft_written') : !c.touched && c.draftId ? t('draft_ready') : ''}
        </span>
      </div>
      {c.offer && (
        <div class="offer" role="region" aria-label={t('new_draft')}>
          <Icon name="draft" />
          <div class="offer-words">
            <strong>{t(c.offer.done ? 'new_draft' : 'new_draft_written')}</strong>
            <p>{c.offer.text}</p>
          </div>
          <Button small disabled={!c.offer.done} onClick={useOffer}>
            {t('use_it')} <Keys keys={`${ALT} U`} />
          </Button>
          <IconButton
            icon="close"
            label={t('drop_draft')}
            onClick={() => {
              const id = composer.dropOffer();
              if (id) void desk.api.discard(thread.id, id).catch(() => undefined);
            }}
          />
        </div>
      )}
      <div class="composer-field">
        <div class="composer-grow">
          <div class="mirror" aria-hidden="true">
            {note ? text : pieces(text, c.marks).map((p, i) => (p.marked ? <mark key={i}>{p.text}</mark> : <span key={i}>{p.text}</span>))}
            {'\n'}
          </div>
          <textarea
            id="composer"
            ref={field}
            dir="auto"
            rows={1}
            aria-label={label}
            aria-autocomplete="list"
            aria-controls={open ? listId : undefined}
            aria-activedescendant={open && found.choices[at] ? `${listId}-${at}` : undefined}
            aria-describedby={unsupported ? 'unsupported' : undefined}
            placeholder={note ? t('note_placeholder') : closed ? '' : t('reply_placeholder')}
            value={text}
            spellcheck
            onInput={(e) => {
              const f = e.currentTarget;
              caret.current = [f.selectionStart, f.selectionEnd];
              composer.type(f.value);
              if (!note) desk.typing(thread.id);
              look();
            }}
            onSelect={look}
            onBlur={() => setTrigger(null)}
            onKeyDown={onKey}
          />
        </div>
      </div>
      {c.citations.length > 0 && !note && (
        <ul class="cited">
          {c.citations.map((x) => (
            <li key={x.n} class="chip" title={x.quote}>
              <span class="cite-n">{x.n}</span>
              <span class="chip-words">{x.title}</span>
              <IconButton icon="close" size={12} label={t('remove_source', { name: x.title })} onClick={() => composer.uncite(x.n)} />
            </li>
          ))}
        </ul>
      )}
      {unsupported && (
        <div id="unsupported" class={`unsupported${c.warned ? ' warned' : ''}`} role={c.warned ? 'alert' : undefined}>
          <Icon name="warning" size={15} />
          <p>
            {plural('unsupported', c.marks.length, { facts: c.marks.map((m) => t('quoted', { text: m.text || c.reply.slice(m.start, m.end) })).join(', ') })}
            {c.warned && <strong> {t('unsupported_again')}</strong>}
          </p>
        </div>
      )}
      <div class="composer-tools">
        {!note && (
          <>
            <Menu
              label={t('tone')}
              look="button ghost small"
              side="start"
              up
              items={[
                ...TONES.map((x) => ({
                  label: t(`tone_${x.tone}`),
                  icon: x.icon,
                  keys: `${ALT} ${x.digit}`,
                  run: () => (x.tone === 'language' ? otherLanguage() : void tone(x.tone)),
                })),
                null,
                ...LANGUAGES.map((l) => ({ label: t('in_language', { name: languageName(l) }), icon: 'language' as const, run: () => void tone('language', l) })),
              ]}
            >
              {toning ? <span class="spinner" aria-hidden="true" /> : <Icon name="draft" />} <span class="wide-only">{t('tone')}</span>
              <Icon name="chevronDown" size={13} />
            </Menu>
            <IconButton icon="macro" label={t('macros')} hint="/" onClick={() => insert(field.current?.selectionStart ?? 0, field.current?.selectionEnd ?? 0, gap(field.current) + '/')} />
          </>
        )}
        <IconButton icon="book" label={t('articles')} hint="#" onClick={() => insert(field.current?.selectionStart ?? 0, field.current?.selectionEnd ?? 0, gap(field.current) + '#')} />
        {note && <IconButton icon="at" label={t('mention')} hint="@" onClick={() => insert(field.current?.selectionStart ?? 0, field.current?.selectionEnd ?? 0, gap(field.current) + '@')} />}
        {!note && (c.reply || c.draftId) && (
          <IconButton
            icon="trash"
            label={t('empty_field')}
            onClick={() => {
              insert(0, field.current?.value.length ?? 0, '');
              const id = composer.discard();
              if (id) void desk.api.discard(thread.id, id).catch(() => undefined);
            }}
          />
        )}
        <span class="grow" />
        {!note && !closed && (
          <Button class="send-resolve" onClick={() => send(true)} disabled={!text.trim() || c.streaming} title={`${t('send_resolve')} (${modKey()} ⇧ ↵)`}>
            <Icon name="resolve" />
            <span class="wide-only">{t('send_resolve')}</span>
            <span class="unseen narrow-only">{t('send_resolve')}</span>
          </Button>
        )}
        <Button look="primary" icon={note ? 'note' : 'send'} onClick={() => send(false)} disabled={!text.trim() || (!note && (c.streaming || closed))}>
          {note ? t('save_note') : c.warned ? t('send_anyway') : t('send')}
          <Keys keys={`${modKey()} ↵`} />
        </Button>
      </div>
    </section>
  );
}

/** A space where the mark would else stick to a word. */
function gap(f: HTMLTextAreaElement | null): string {
  return f && f.selectionStart > 0 && !/\s/.test(f.value[f.selectionStart - 1] ?? ' ') ? ' ' : '';
}
