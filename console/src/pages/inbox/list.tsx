/** The list of conversations. Only the rows in sight are in the page, however many there are. */
import { memo } from 'preact/compat';
import { useComputed } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Row } from '../../api/types';
import { coded, t, wait, when } from '../../i18n';
import { now } from '../../state/clock';
import type { Desk } from '../../state/desk';
import { go, route, to } from '../../state/router';
import { me } from '../../state/session';
import { cursor, focusComposer, phone } from '../../state/view';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { Avatar, Badge, Empty, Failure, Skeleton } from '../../ui/pieces';
import { preview, shopperName } from './words';

const HEIGHT = 84; // of a row, in CSS pixels; the style sheet says the same
const BEYOND = 6; // rows kept above and below what is seen
const AHEAD = 20; // rows before the end at which the next page is asked for

export function List({ desk }: { desk: Desk }) {
  const l = desk.inbox.list.value;
  const r = route.value;
  const open = r.page === 'inbox' ? r.id : '';
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(800);

  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    const watch = new ResizeObserver(() => setHeight(el.clientHeight));
    watch.observe(el);
    return () => watch.disconnect();
  }, [l.state]);

  // A new view begins at its top, with the cursor on the open conversation or the first one.
  useEffect(() => {
    box.current?.scrollTo(0, 0);
    setTop(0);
  }, [l.view, l.filters]);
  useEffect(() => {
    if (open) cursor.value = open;
  }, [open]);
  useEffect(() => {
    if (l.state === 'ready' && !l.rows.some((x) => x.id === cursor.value)) cursor.value = l.rows[0]?.id ?? '';
  }, [l.rows, l.state]);

  const first = Math.max(0, Math.floor(top / HEIGHT) - BEYOND);
  const last = Math.min(l.rows.length, Math.ceil((top + height) / HEIGHT) + BEYOND);
  useEffect(() => {
    if (l.rows.length - last < AHEAD && l.next && !l.error) void desk.inbox.more();
  }, [last, l.rows.length, l.next, l.error]);

  // The cursor is brought into sight where a key moved it out.
  const at = l.rows.findIndex((x) => x.id === cursor.value);
  useLayoutEffect(() => {
    const el = box.current;
    if (!el || at < 0) return;
    if (at * HEIGHT < el.scrollTop) el.scrollTop = at * HEIGHT;
    else if ((at + 1) * HEIGHT > el.scrollTop + el.clientHeight) el.scrollTop = (at + 1) * HEIGHT - el.clientHeight;
  }, [cursor.value]);

  if (l.state === 'loading') return <Skeleton kind="row" rows={8} />;
  if (l.state === 'failed') return <Failure text={l.error} retry={() => void desk.inbox.show(l.view, l.filters)} />;
  if (!l.rows.length) return <Nothing />;

  const shown: [number, Row][] = [];
  for (let i = first; i < last; i++) shown.push([i, l.rows[i]!]);
  // The row that the cursor is on stays in the page: the focus hangs on it.
  if (at >= 0 && (at < first || at >= last)) shown.push([at, l.rows[at]!]);

  const onKey = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const page = Math.max(1, Math.floor(height / HEIGHT) - 1);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -l.rows.length, End: l.rows.length }[e.key];
    if (by === undefined) return;
    e.preventDefault();
    const next = l.rows[Math.max(0, Math.min(l.rows.length - 1, at + by))];
    if (next) cursor.value = next.id;
  };

  return (
    <>
      <div
        id="list"
        ref={box}
        class="list"
        role="listbox"
        tabIndex={0}
        aria-label={t(`view_${l.view}`)}
        aria-activedescendant={at >= 0 ? `row-${cursor.value}` : undefined}
        onScroll={(e) => setTop(e.currentTarget.scrollTop)}
        onKeyDown={onKey}
      >
        <div class="list-all" style={{ height: l.rows.length * HEIGHT }} role="presentation">
          {shown.map(([i, row]) => (
            <Line
              key={row.id}
              row={row}
              at={i}
              size={l.next ? -1 : l.rows.length}
              selected={row.id === (open || cursor.value)}
              marked={row.id === cursor.value}
              open={row.id === open}
            />
          ))}
        </div>
        {l.error && <Failure text={l.error} retry={() => void desk.inbox.more()} />}
      </div>
    </>
  );
}

function choose(row: Row): void {
  const r = route.value;
  if (r.page !== 'inbox') return;
  cursor.value = row.id;
  go(to.inbox(r.site, r.view, row.id, r.filters));
  // On a phone the keyboard would cover what is to be read.
  if (!phone.value) focusComposer();
}

const Line = memo(function Line({ row, at, size, selected, marked, open }: { row: Row; at: number; size: number; selected: boolean; marked: boolean; open: boolean }) {
  const mine = row.assignee?.id === me.value?.id;
  return (
    <div
      id={`row-${row.id}`}
      class={`row${selected ? ' selected' : ''}${marked ? ' marked' : ''}${open ? ' open' : ''}${row.unread ? ' unread' : ''}`}
      role="option"
      aria-selected={selected}
      aria-posinset={at + 1}
      aria-setsize={size}
      style={{ transform: `translateY(${at * HEIGHT}px)` }}
      onClick={() => choose(row)}
    >
      <Avatar name={row.shopper.name || row.shopper.email} size={34} />
      <div class="row-words">
        <div class="row-head">
          <span class="row-name">{shopperName(row)}</span>
          {row.waiting_since && row.state === 'open' ? <Waiting since={row.waiting_since} urgent={row.urgency > 0} /> : <span class="row-when">{when(row.last_at, now.peek())}</span>}
        </div>
        <p class="row-text">
          {row.last_author === 'agent' || row.last_author === 'bot' ? <span class="row-by">{t(row.last_author === 'bot' ? 'by_bot' : 'by_us')}</span> : null}
          {preview(row.last_text)}
        </p>
        <div class="row-foot">
          <div class="row-tags">
          {row.unread && <span class="unread-dot" role="img" aria-label={t('unread')} />}
          {row.urgency > 1 && (
            <Badge tone="bad" icon="legal">
              {t('urgency_2')}
            </Badge>
          )}
          {row.urgency === 1 && (
            <Badge tone="warn" icon="warning">
              {t('urgency_1')}
            </Badge>
          )}
          {row.feeling && row.feeling !== 'calm' && <Badge tone="feel">{coded('feeling', row.feeling)}</Badge>}
          {row.topic && row.topic !== 'other' && <Badge>{coded('topic', row.topic)}</Badge>}
          {row.tags.slice(0, 2).map((x) => (
            <Badge key={x} icon="tag">
              {x}
            </Badge>
          ))}
          </div>
          {row.assignee ? (
            <span class={`row-who${mine ? ' me' : ''}`} title={row.assignee.name}>
              {mine ? t('you') : row.assignee.name}
            </span>
          ) : row.team ? (
            <span class="row-who">{row.team.name}</span>
          ) : row.charge === 'bot' && !row.waiting_since ? (
            <span class="row-who">
              <Icon name="bot" size={13} />
              <span class="unseen">{t('bot')}</span>
            </span>
          ) : null}
        </div>
      </div>
    </div>
  );
});

/** The wait, ticking; only its text is touched. */
function Waiting({ since, urgent }: { since: string; urgent: boolean }) {
  const text = useComputed(() => wait(now.value - Date.parse(since)));
  return (
    <span class={`row-wait${urgent ? ' urgent' : ''}`}>
      <Icon name="clock" size={12} />
      <span class="unseen">{t('waits_for')}</span>
      <span>{text}</span>
    </span>
  );
}

function Nothing() {
  const r = route.value;
  if (r.page !== 'inbox') return null;
  const { q, person, tag, team } = r.filters;
  if (q || person || tag || team)
    return (
      <Empty icon="search" title={t('none_found')}>
        <p>{t('none_found_hint')}</p>
        <Button small onClick={() => go(to.inbox(r.site, r.view))}>
          {t('clear_search')}
        </Button>
      </Empty>
    );
  return (
    <Empty icon={r.view === 'waiting' ? 'resolve' : 'inbox'} title={t(`empty_${r.view}`)}>
      <p>{t(`empty_${r.view}_hint`)}</p>
    </Empty>
  );
}
