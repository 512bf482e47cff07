/** A conversation's timeline: stays at the newest unless the agent reads above; older pages come on scrolling up. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { day, plural, t } from '../../i18n';
import type { Event } from '../../api/types';
import { now } from '../../state/clock';
import type { Desk } from '../../state/desk';
import { route } from '../../state/router';
import { me } from '../../state/session';
import type { Thread } from '../../state/thread';
import { failed } from '../../state/toasts';
import { Icon } from '../../ui/icon';
import { Dots, Entry, isSaid, Live, Pending } from './message';
import { shopperName } from './words';

const NEAR_END = 60;
const NEAR_TOP = 300;
const SAME_BREATH = 5 * 60_000;

function follows(a: Event | undefined, b: Event): boolean {
  return (
    a !== undefined &&
    isSaid(a) &&
    isSaid(b) &&
    a.kind === b.kind &&
    a.author.kind === b.author.kind &&
    a.author.name === b.author.name &&
    (a.via ?? '') === (b.via ?? '') &&
    Date.parse(b.at) - Date.parse(a.at) < SAME_BREATH
  );
}

export function Timeline({ desk, thread }: { desk: Desk; thread: Thread }) {
  const events = thread.events.value;
  const turns = thread.turns.value;
  const typists = thread.typists.value;
  const pending = desk.outbox.items.value.filter((i) => i.conversation === thread.id);
  const shopper = thread.detail.value ? shopperName(thread.detail.value.conversation) : '';
  const who = thread.detail.value?.conversation.shopper;
  const face = who?.name || who?.email || '';
  const box = useRef<HTMLDivElement>(null);
  const r = route.value;
  const at = r.page === 'inbox' && r.id === thread.id ? r.at : 0;
  const sought = useRef(0); // the event of the address that was not shown yet
  const atEnd = useRef(true);
  const [away, setAway] = useState(false);
  const [missed, setMissed] = useState(0);
  const loading = useRef(false);
  const keep = useRef<{ first: number; height: number; top: number } | undefined>(undefined);

  const lastSeq = events.at(-1)?.seq ?? 0;
  const seenSeq = useRef(lastSeq);

  const seen = () => {
    if (document.visibilityState === 'visible' && atEnd.current && lastSeq) desk.read(thread.id, lastSeq);
  };

  // The address may name an event: it is brought into sight, with what stands above it loaded.
  useLayoutEffect(() => {
    sought.current = at;
    if (at) atEnd.current = false;
  }, [at]);
  useEffect(() => {
    if (at) void reach();
  }, [at]);
  const reach = async () => {
    try {
      while (sought.current === at && thread.more.value && thread.firstSeq > at) await desk.older(thread, () => undefined);
    } catch (err) {
      failed(err);
    }
  };

  // Before the first paint, and whenever something grows below while the end is in sight.
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    const found = sought.current ? el.querySelector(`[data-seq="${sought.current}"]`) : null;
    if (found) {
      sought.current = 0;
      found.scrollIntoView({ block: 'center' });
      return;
    }
    const k = keep.current;
    if (k && events[0] && events[0].seq < k.first) {
      // An older page came in above: what was read stays where it was.
      el.scrollTop = k.top + (el.scrollHeight - k.height);
      keep.current = undefined;
    } else if (atEnd.current) el.scrollTop = el.scrollHeight;
  }, [events, turns, typists.length, pending.length, at]);

  useEffect(() => {
    const fresh = events.filter((e) => e.seq > seenSeq.current && isSaid(e)).length;
    seenSeq.current = lastSeq;
    if (!atEnd.current && fresh) setMissed((n) => n + fresh);
    seen();
  }, [lastSeq]);

  useEffect(() => {
    const el = box.current;
    if (!el) return;
    // What is in it may grow later: a quote opened, the composer beside it shrunk.
    const watch = new ResizeObserver(() => {
      if (atEnd.current) el.scrollTop = el.scrollHeight;
    });
    watch.observe(el);
    addEventListener('focus', seen);
    const tick = setInterval(() => thread.expire(), 1000);
    return () => {
      watch.disconnect();
      removeEventListener('focus', seen);
      clearInterval(tick);
    };
  });

  const onScroll = () => {
    const el = box.current!;
    atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < NEAR_END;
    setAway(!atEnd.current);
    if (atEnd.current) {
      setMissed(0);
      seen();
    }
    if (el.scrollTop < NEAR_TOP && thread.more.value && !loading.current) void older();
  };
  const older = async () => {
    const el = box.current!;
    loading.current = true;
    try {
      const first = thread.firstSeq;
      // Taken just before the page comes in, so that scrolling meanwhile is not undone.
      await desk.older(thread, () => (keep.current = { first, height: el.scrollHeight, top: el.scrollTop }));
    } catch (err) {
      failed(err);
    } finally {
      loading.current = false;
    }
  };
  const jump = () => {
    atEnd.current = true;
    setAway(false);
    setMissed(0);
    box.current?.scrollTo({ top: box.current.scrollHeight });
  };

  const ratings = new Map<number, number>();
  for (const e of events) if (e.rating) ratings.set(e.rating.event_seq, e.rating.score);
  const read = thread.shopperRead.value;
  let lastOurs = 0;
  for (const e of events) if (e.kind === 'message' && e.author.kind === 'agent' && e.seq <= read) lastOurs = e.seq;

  const out = [];
  let shownDay = '';
  let before: Event | undefined;
  for (const e of events) {
    const d = day(e.at, now.peek());
    const newDay = d !== shownDay;
    if (newDay) out.push(<h3 class="day" key={`day-${e.seq}`}>{d}</h3>);
    shownDay = d;
    out.push(<Entry key={e.seq} e={e} follows={!newDay && follows(before, e)} rating={ratings.get(e.seq) ?? 0} sought={e.seq === at} shopper={shopper} face={face} />);
    if (e.seq === lastOurs) out.push(<p class="read-mark" key="read">{t('read_by_shopper')}</p>);
    before = e;
  }

  return (
    <div class="timeline-box">
      <div class="timeline" ref={box} onScroll={onScroll} role="log" aria-live="off" aria-label={t('timeline')} tabIndex={0}>
        {thread.more.value ? (
          <p class="older">
            <button type="button" class="button ghost small" onClick={() => void older()}>
              {t('older')}
            </button>
          </p>
        ) : (
          events.length > 0 && <p class="older">{t('beginning')}</p>
        )}
        {out}
        {pending.map((i) => (
          <Pending key={i.client_id} item={i} name={me.value?.name ?? ''} />
        ))}
        {turns
          .filter((x) => x.text || x.state === 'searching' || x.state === 'writing')
          .map((x) => (
            <Live key={x.id} turn={x} />
          ))}
        {typists
          .filter((x) => x.by !== 'agent' || !x.key.endsWith(me.value?.id ?? '-'))
          .map((x) => (
            <p key={x.key} class="typing">
              <Dots /> {t('types', { name: x.name || (x.by === 'shopper' ? shopper : t('agent')) })}
            </p>
          ))}
      </div>
      {away && (
        <button type="button" class={`jump${missed ? ' has' : ''}`} onClick={jump}>
          <Icon name="down" /> {missed ? plural('new_messages', missed) : t('to_newest')}
        </button>
      )}
    </div>
  );
}
