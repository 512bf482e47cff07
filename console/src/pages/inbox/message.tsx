/** One entry of a timeline: who said it is seen at a glance, and what it rests on is one press away. */
import { memo } from 'preact/compat';
import { useState } from 'preact/hooks';
import type { Event, TurnInfo } from '../../api/types';
import { coded, moment, percent, t, time } from '../../i18n';
import { desk } from '../../state/desk';
import type { Turn } from '../../state/thread';
import type { Item } from '../../state/outbox';
import { tidyTail } from '../../../../widget/src/app/markdown';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { Show, useLoad } from '../../ui/load';
import { Avatar, Badge } from '../../ui/pieces';
import { Rich } from '../../ui/rich';

/** Whether an entry is something said, or a line on what happened. */
export const isSaid = (e: Event) => e.kind === 'message' || e.kind === 'note';

interface EntryProps {
  e: Event;
  follows: boolean;
  rating: number;
  /** The address names it. */
  sought: boolean;
  /** What the shopper is called here, and what their picture is made of. */
  shopper: string;
  face: string;
}

export const Entry = memo(function Entry(p: EntryProps) {
  return isSaid(p.e) ? <Said {...p} /> : <Line e={p.e} />;
});

function kindOf(e: Event): 'shopper' | 'bot' | 'agent' | 'note' {
  if (e.kind === 'note') return 'note';
  return e.author.kind === 'bot' ? 'bot' : e.author.kind === 'agent' ? 'agent' : 'shopper';
}

function nameOf(e: Event, shopper: string): string {
  if (e.author.kind === 'bot') return t('bot');
  return e.author.name || (e.author.kind === 'shopper' ? shopper : t('agent'));
}

function Said({ e, follows, rating, sought, shopper, face }: EntryProps) {
  const kind = kindOf(e);
  const [cite, setCite] = useState(0);
  const [why, setWhy] = useState(false);
  const source = e.citations.find((c) => c.n === cite);
  const mark = (n: number) =>
    e.citations.some((c) => c.n === n) ? (
      <button type="button" class="cite" aria-expanded={cite === n} aria-label={t('source_n', { n })} onClick={() => setCite(cite === n ? 0 : n)}>
        {n}
      </button>
    ) : undefined;
  const name = nameOf(e, shopper);
  return (
    <article data-seq={e.seq} class={`said ${kind}${follows ? ' follows' : ''}${sought ? ' sought' : ''}`} aria-current={sought || undefined} aria-label={`${kind === 'note' ? `${t('note')}: ` : ''}${name}, ${time(e.at)}`}>
      {kind === 'bot' ? (
        <span class="bot-face">
          <Icon name="bot" size={18} />
        </span>
      ) : (
        <Avatar name={kind === 'shopper' ? face : name} size={30} />
      )}
      <div class="said-body">
        {!follows && (
          <header>
            <strong>{name}</strong>
            {kind === 'bot' && <Badge tone="bot">{t('automatic')}</Badge>}
            {kind === 'note' && (
              <Badge tone="note" icon="note">
                {t('note_only_us')}
              </Badge>
            )}
            {e.via === 'email' && <Badge icon="mail">{t('by_mail')}</Badge>}
            <time dateTime={e.at} title={moment(e.at)}>
              {time(e.at)}
            </time>
          </header>
        )}
        <div class="bubble">{kind === 'shopper' || kind === 'note' ? <Plain text={e.text} /> : <Rich text={e.text} cite={mark} />}</div>
        {(e.citations.length > 0 || e.turn_id || rating !== 0) && (
          <footer>
            {e.citations.map((c) => (
              <button key={c.n} type="button" class="source" aria-expanded={cite === c.n} onClick={() => setCite(cite === c.n ? 0 : c.n)}>
                <span class="cite-n">{c.n}</span>
                {c.title}
              </button>
            ))}
            {kind === 'bot' && e.turn_id && (
              <button type="button" class="source" aria-expanded={why} onClick={() => setWhy(!why)}>
                <Icon name="eye" size={13} />
                {t('why_this')}
              </button>
            )}
            {rating !== 0 && <Badge tone={rating > 0 ? 'good' : 'bad'}>{t(rating > 0 ? 'rated_up' : 'rated_down')}</Badge>}
          </footer>
        )}
        {source && (
          <blockquote class="quote">
            <p>{source.quote}</p>
            {source.url ? (
              <a href={source.url} target="_blank" rel="noopener noreferrer">
                {source.title} <Icon name="external" size={12} />
              </a>
            ) : (
              <cite>{source.title}</cite>
            )}
          </blockquote>
        )}
        {why && e.turn_id && <Why conversation={e.conversation_id} turn={e.turn_id} />}
      </div>
    </article>
  );
}

/** A shopper's words and notes are text, whatever stands in them. */
function Plain({ text }: { text: string }) {
  return (
    <p class="verbatim" dir="auto">
      {text}
    </p>
  );
}

/** What the bot found and how sure it was. */
function Why({ conversation, turn }: { conversation: string; turn: string }) {
  const d = desk.value;
  const id = conversation || d?.thread.value?.id || '';
  const info = useLoad<TurnInfo>(() => d!.api.turn(id, turn), [id, turn]);
  return (
    <div class="why">
      <Show from={info} rows={3}>
        {(x) => (
          <>
            <dl class="figures">
              {x.confidence !== null && (
                <div>
                  <dt>{t('confidence')}</dt>
                  <dd>
                    <meter min={0} max={1} value={x.confidence} aria-label={t('confidence')} /> {percent(x.confidence)}
                  </dd>
                </div>
              )}
              <div>
                <dt>{t('outcome')}</dt>
                <dd>
                  {coded('outcome', x.outcome)}
                  {x.reason ? ` · ${coded('reason', x.reason)}` : ''}
                </dd>
              </div>
              <div>
                <dt>{t('writer')}</dt>
                <dd>{x.model || t('quoter')}</dd>
              </div>
              <div>
                <dt>{t('took')}</dt>
                <dd>{t('took_ms', { search: Math.round(x.search_ms), total: Math.round(x.total_ms) })}</dd>
              </div>
              {(x.held ?? []).length > 0 && (
                <div>
                  <dt>{t('held_back')}</dt>
                  <dd>{x.held.join(', ')}</dd>
                </div>
              )}
            </dl>
            <h4>{t('passages')}</h4>
            {(x.passages ?? []).length === 0 && <p class="hint">{t('no_passages')}</p>}
            <ol class="passages">
              {(x.passages ?? []).map((p, i) => (
                <li key={i} class={p.cited ? 'cited' : ''}>
                  <p class="passage-head">
                    {p.url ? (
                      <a href={p.url} target="_blank" rel="noopener noreferrer">
                        {p.title}
                      </a>
                    ) : (
                      p.title
                    )}
                    {p.heading && <span> › {p.heading}</span>}
                    {p.cited && <Badge tone="good">{t('cited')}</Badge>}
                  </p>
                  <p class="passage-text">{p.text}</p>
                </li>
              ))}
            </ol>
          </>
        )}
      </Show>
    </div>
  );
}

/** A line on what happened: passed on, taken, resolved … */
function Line({ e }: { e: Event }) {
  const words = lineOf(e);
  if (!words) return null;
  return (
    <p class="event-line">
      <span>{words}</span>
      <time dateTime={e.at} title={moment(e.at)}>
        {time(e.at)}
      </time>
    </p>
  );
}

function lineOf(e: Event): string {
  const who = e.author.name || (e.author.kind === 'shopper' ? t('the_shopper') : e.author.kind === 'bot' ? t('bot') : '');
  switch (e.kind) {
    case 'handoff':
      if (e.author.kind === 'shopper') return e.handoff?.email ? t('line_asked_mail', { email: e.handoff.email }) : t('line_asked');
      return e.handoff?.reason ? t('line_passed_reason', { reason: coded('reason', e.handoff.reason) }) : t('line_passed');
    case 'assignment': {
      const a = e.assignment ?? {};
      if (a.agent_id && a.agent_id === e.agent_id) return t('line_took', { name: a.agent_name ?? who });
      if (a.agent_name) return e.agent_id ? t('line_gave', { name: who, to: a.agent_name }) : t('line_assigned', { to: a.agent_name });
      if (a.team_name) return who ? t('line_gave', { name: who, to: a.team_name }) : t('line_assigned', { to: a.team_name });
      return t('line_queue');
    }
    case 'status':
      if (e.change === 'resolved') return who ? t('line_resolved_by', { name: who }) : t('line_resolved');
      if (e.change === 'reopened') return who ? t('line_reopened_by', { name: who }) : t('line_reopened');
      if (e.change === 'handed_back') return who ? t('line_handed_back_by', { name: who }) : t('line_handed_back');
      return e.text;
    case 'rating':
      return '';
    default:
      return '';
  }
}

/** An answer of the bot, as it is written. */
export function Live({ turn }: { turn: Turn }) {
  return (
    <article class="said bot live" aria-label={t('bot_writes')}>
      <span class="bot-face">
        <Icon name="bot" size={18} />
      </span>
      <div class="said-body">
        <header>
          <strong>{t('bot')}</strong>
          <Badge tone="bot">{t(turn.state === 'searching' ? 'bot_searches' : 'bot_writes')}</Badge>
        </header>
        <div class="bubble">{turn.text ? <Rich text={tidyTail(turn.text)} /> : <Dots />}</div>
      </div>
    </article>
  );
}

export function Dots() {
  return (
    <span class="dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}

/** A reply or note that is on its way. */
export function Pending({ item, name }: { item: Item; name: string }) {
  const words = item.state === 'held' ? t('pending_held') : item.state === 'waiting' ? t('pending_waiting') : t('pending_sending');
  return (
    <article class={`said ${item.kind === 'note' ? 'note' : 'agent'} pending`} aria-label={`${name}, ${words}`}>
      <Avatar name={name} size={30} />
      <div class="said-body">
        <div class="bubble">{item.kind === 'note' ? <Plain text={item.text} /> : <Rich text={item.text} cite={(n) => (item.citations.some((c) => c.n === n) ? <span class="cite-n">{n}</span> : undefined)} />}</div>
        <footer>
          <span class="pending-words">{words}</span>
          {item.state === 'waiting' && (
            <Button small look="ghost" onClick={() => desk.value?.outbox.flush()}>
              {t('try_again')}
            </Button>
          )}
        </footer>
      </div>
    </article>
  );
}
