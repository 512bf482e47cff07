/** Beside the conversation: who the shopper is, why they are here, and what may help. */
import { useEffect, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { coded, date, languageName, moment, t, when } from '../../i18n';
import type { Packet, Row } from '../../api/types';
import { now } from '../../state/clock';
import type { Desk } from '../../state/desk';
import type { Thread } from '../../state/thread';
import { failed } from '../../state/toasts';
import { follow, to } from '../../state/router';
import { byId, over } from '../../state/view';
import { Button, IconButton } from '../../ui/button';
import { TextArea } from '../../ui/field';
import { Icon, type IconName } from '../../ui/icon';
import { useLoad } from '../../ui/load';
import { Avatar, Badge } from '../../ui/pieces';
import { fill } from './trigger';
import { preview, shopperName } from './words';
import { me, sites } from '../../state/session';

function Section({ title, icon, children, tools }: { title: string; icon: IconName; children: ComponentChildren; tools?: ComponentChildren }) {
  return (
    <section class="panel-section">
      <header>
        <Icon name={icon} size={14} />
        <h3>{title}</h3>
        <span class="grow" />
        {tools}
      </header>
      {children}
    </section>
  );
}

export function Panel({ desk, thread, close }: { desk: Desk; thread: Thread; close?: () => void }) {
  const d = thread.detail.value!;
  const row = d.conversation;
  const name = shopperName(row);
  return (
    <aside class="panel" aria-label={t('panel')} tabIndex={-1}>
      <div class="panel-who">
        <Avatar name={d.shopper.name || d.shopper.email} size={44} />
        <div>
          <h2>{name}</h2>
          {row.shopper.email && row.shopper.email !== name && (
            <a class="quiet" href={`mailto:${encodeURIComponent(row.shopper.email)}`}>
              {row.shopper.email}
            </a>
          )}
          <p class="hint">
            {row.locale && languageName(row.locale.split('-')[0]!)}
            {d.shopper.external_id ? ` · ${t('known_to_shop')}` : ''}
          </p>
        </div>
        {close && <IconButton icon="close" label={t('close')} onClick={close} />}
      </div>
      {d.page?.url && (
        <Section title={t('page')} icon="page">
          <a class="page-link" href={/^https?:\/\//i.test(d.page.url) ? d.page.url : undefined} target="_blank" rel="noopener noreferrer">
            {d.page.title || d.page.url} <Icon name="external" size={12} />
          </a>
        </Section>
      )}
      {d.packet && <PacketView desk={desk} thread={thread} packet={d.packet} />}
      <Section
        title={t('tags')}
        icon="tag"
        tools={<IconButton icon="edit" size={14} label={t('do_tags')} onClick={() => (over.value = 'tags')} />}
      >
        {row.tags.length ? (
          <p class="badges">
            {row.tags.map((x) => (
              <Badge key={x}>{x}</Badge>
            ))}
          </p>
        ) : (
          <p class="hint">{t('no_tags')}</p>
        )}
      </Section>
      <Suggestions desk={desk} thread={thread} />
      <Section title={t('earlier')} icon="clock">
        {d.earlier.length ? (
          <ul class="earlier">
            {d.earlier.map((r) => (
              <Earlier key={r.id} site={desk.site} row={r} />
            ))}
          </ul>
        ) : (
          <p class="hint">{t('no_earlier')}</p>
        )}
      </Section>
      <p class="hint panel-end">{t('began', { when: moment(row.created_at) })}</p>
    </aside>
  );
}

function Earlier({ site, row }: { site: string; row: Row }) {
  return (
    <li>
      <a href={to.inbox(site, 'all', row.id)} onClick={follow}>
        <span class="earlier-head">
          {row.topic && row.topic !== 'other' ? coded('topic', row.topic) : date(row.created_at)}
          <time dateTime={row.last_at}>{when(row.last_at, now.peek())}</time>
        </span>
        <span class="earlier-text">{preview(row.last_text)}</span>
      </a>
    </li>
  );
}

function PacketView({ desk, thread, packet }: { desk: Desk; thread: Thread; packet: Packet }) {
  return (
    <>
      <Section title={t('why_here')} icon="info">
        <p class="reason">{coded('reason', packet.reason)}</p>
        <p class="badges">
          {packet.feeling && packet.feeling !== 'calm' && <Badge tone="feel">{coded('feeling', packet.feeling)}</Badge>}
          {packet.topic && packet.topic !== 'other' && <Badge>{coded('topic', packet.topic)}</Badge>}
          {packet.email && <Badge icon="mail">{packet.email}</Badge>}
        </p>
        {packet.note && <p class="said-note">{packet.note}</p>}
      </Section>
      <Wish desk={desk} thread={thread} packet={packet} />
      {packet.orders?.length > 0 && (
        <Section title={t('orders')} icon="order">
          <ul class="orders">
            {packet.orders.map((o) => (
              <li key={o}>
                <code>{o}</code>
                <IconButton icon="copy" size={13} label={t('copy_order', { name: o })} onClick={() => void navigator.clipboard?.writeText(o).catch(failed)} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      {packet.tried?.length > 0 && (
        <Section title={t('tried')} icon="bot">
          <ol class="tried">
            {packet.tried.map((x, i) => (
              <li key={i}>
                <Badge tone={x.kind === 'answered' ? 'good' : x.kind === 'not_found' ? 'bad' : 'plain'}>{coded('tried', x.kind)}</Badge>
                <p class="tried-q">{x.question}</p>
                {x.answer && <p class="hint">{preview(x.answer)}</p>}
              </li>
            ))}
          </ol>
        </Section>
      )}
      {packet.passages?.length > 0 && (
        <Section title={t('passages')} icon="book">
          <ul class="found">
            {byArticle(packet.passages).map((p) => (
              <li key={p.url || p.title}>
                <details>
                  <summary>{p.title}</summary>
                  {p.quotes.map((q) => (
                    <p key={q}>{preview(q)}</p>
                  ))}
                  {p.url && (
                    <a href={p.url} target="_blank" rel="noopener noreferrer">
                      {t('open_article')} <Icon name="external" size={12} />
                    </a>
                  )}
                </details>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

/** Several passages of one article are one line, to be opened once. */
function byArticle(passages: Packet['passages']): { title: string; url: string; quotes: string[] }[] {
  const found = new Map<string, { title: string; url: string; quotes: string[] }>();
  for (const p of passages) {
    const key = p.url || p.title;
    if (!found.has(key)) found.set(key, { title: p.title, url: p.url, quotes: [] });
    found.get(key)!.quotes.push(p.quote);
  }
  return [...found.values()];
}

function Wish({ desk, thread, packet }: { desk: Desk; thread: Thread; packet: Packet }) {
  const [editing, setEditing] = useState(false);
  const [wish, setWish] = useState(packet.wish);
  const [busy, setBusy] = useState(false);
  useEffect(() => setWish(packet.wish), [packet.wish]);
  const save = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    try {
      await desk.api.wish(thread.id, wish.trim());
      const d = thread.detail.value!;
      thread.detail.value = { ...d, packet: { ...packet, wish: wish.trim() } };
      setEditing(false);
    } catch (err) {
      failed(err);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section
      title={t('wish')}
      icon="care"
      tools={!editing && <IconButton icon="edit" size={14} label={t('edit_wish')} onClick={() => setEditing(true)} />}
    >
      {editing ? (
        <form onSubmit={save} class="form">
          <TextArea label={t('wish')} hideLabel value={wish} rows={3} maxLength={1000} autofocus onInput={(e) => setWish(e.currentTarget.value)} />
          <div class="form-end">
            <Button small onClick={() => (setEditing(false), setWish(packet.wish))}>
              {t('cancel')}
            </Button>
            <Button small type="submit" look="primary" busy={busy}>
              {t('save')}
            </Button>
          </div>
        </form>
      ) : (
        <>
          <p class="wish">{packet.wish || t('no_wish')}</p>
          {packet.corrected && <p class="hint">{t('wish_corrected')}</p>}
        </>
      )}
    </Section>
  );
}

function Suggestions({ desk, thread }: { desk: Desk; thread: Thread }) {
  const lastShopper = thread.events.value.reduce((seq, e) => (e.kind === 'message' && e.author.kind === 'shopper' ? e.seq : seq), 0);
  const got = useLoad(() => desk.api.suggestions(thread.id), [thread.id, lastShopper]);
  const macros = got.data?.macros ?? [];
  const articles = got.data?.articles ?? [];
  if (!macros.length && !articles.length) return null;
  const put = (words: string) => {
    const f = byId('composer') as HTMLTextAreaElement | null;
    if (!f) return;
    f.focus();
    f.setSelectionRange(f.value.length, f.value.length);
    document.execCommand('insertText', false, (f.value && !/\s$/.test(f.value) ? ' ' : '') + words);
  };
  const known = { shopper: thread.detail.value!.conversation.shopper.name, agent: me.value?.name ?? '', shop: sites.value.find((s) => s.key === desk.site)?.name ?? '' };
  return (
    <Section title={t('suggestions')} icon="draft">
      <ul class="suggestions">
        {macros.map((m) => (
          <li key={m.id}>
            <button type="button" title={m.text} onClick={() => put(fill(m.text, known))}>
              <Icon name="macro" size={14} />
              <span>{m.name}</span>
            </button>
          </li>
        ))}
        {articles.map((a) => (
          <li key={a.id}>
            <button type="button" title={a.quote} onClick={() => put(`[${desk.composer(thread.id).cite(a)}]`)}>
              <Icon name="book" size={14} />
              <span>
                {a.title}
                {a.internal && <span class="hint"> {t('internal_article')}</span>}
              </span>
            </button>
            {a.url && (
              <a class="icon-button" href={a.url} target="_blank" rel="noopener noreferrer" aria-label={t('open_named', { name: a.title })}>
                <Icon name="external" size={13} />
              </a>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
