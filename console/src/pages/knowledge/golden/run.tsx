/** A replay: its scores beside an earlier one's, and its questions, those that got worse first. */
import type { ComponentChildren } from 'preact';
import { moment, number, percent } from '../../../i18n';
import { failed, toast } from '../../../state/toasts';
import { follow, go, to } from '../../../state/router';
import { Button } from '../../../ui/button';
import { Select } from '../../../ui/field';
import { Show, useLoad } from '../../../ui/load';
import { Badge, Empty, Failure } from '../../../ui/pieces';
import { dollars } from '../ask/report';
import { FilterSelect, NoneFit, offsetOf, PAGE, Pager, SearchField, StateTabs, useRows, type Place } from '../listing';
import { knowledge, type Change, type Replay, type Scores } from './api';
import { VERDICTS } from './edit';
import { Pair } from './pair';
import { StateBadge, useWhile, what } from './replays';
import { w } from './words';

const SHOWS = ['all', 'worse', 'better', 'wrong', 'changed'] as const;

export function Run({ site, id, query }: { site: string; id: string; query: URLSearchParams }) {
  const { t } = w;
  const against = query.get('against') ?? '';
  const got = useLoad(() => knowledge(site).replay(id, against), [site, id, against]);
  const others = useLoad(() => knowledge(site).replays(PAGE, 0), [site]);
  const running = got.data?.replay.state === 'running';
  useWhile(running, got.again);
  const cancel = async () => {
    try {
      await knowledge(site).cancel(id);
      toast(t('state_cancelled'));
    } catch (err) {
      failed(err);
    }
    await got.again();
  };
  return (
    <>
      <p>
        <a href={to.knowledge(site, 'golden', 'replays')} onClick={follow}>
          {t('replays')}
        </a>
      </p>
      <Show from={got} rows={8}>
        {(x) => (
          <>
            <div class="page-head">
              <h2>{t('replay_of', { when: moment(x.replay.started_at) })}</h2>
              {running && (
                <Button icon="close" onClick={() => void cancel()}>
                  {t('stop')}
                </Button>
              )}
            </div>
            <p class="badges">
              <StateBadge of={x.replay} />
              <span class="hint">{what(x.replay)}</span>
            </p>
            {running && (
              <div class="golden-progress">
                <progress max={x.replay.total} value={x.replay.done} aria-label={t('state_running')} />
                <span role="status">{t('progress', { done: x.replay.done, total: x.replay.total })}</span>
              </div>
            )}
            {x.replay.message && <Failure text={x.replay.message} />}
            {x.replay.state === 'done' && (
              <>
                <Table replay={x.replay} against={x.against} changes={x.changes} common={x.common}>
                  <Select label={t('against')} value={against || (x.against?.id ?? '')} onChange={(e) => go(to.knowledge(site, 'golden', id, { against: e.currentTarget.value }))}>
                    {!x.against && <option value="">{t('against_none')}</option>}
                    {(others.data?.items ?? (x.against ? [x.against] : []))
                      .filter((r) => r.id !== id && r.state === 'done')
                      .map((r) => (
                        <option key={r.id} value={r.id}>
                          {moment(r.started_at)}
                        </option>
                      ))}
                  </Select>
                </Table>
                <Results site={site} id={id} query={query} against={against} />
              </>
            )}
          </>
        )}
      </Show>
    </>
  );
}

/** Each score by its name: what it is now, and how many questions it is of. */
function rows(s: Scores): [string, number, number][] {
  const all: [string, number, number][] = [
    ['right', s.right, s.questions],
    ['retrieval.hit1', s.retrieval.hit1, s.retrieval.questions],
    ['retrieval.hit5', s.retrieval.hit5, s.retrieval.questions],
    ['retrieval.mrr', s.retrieval.mrr, s.retrieval.questions],
    ['answers.right', s.answers.right, s.answers.questions],
    ['abstention.precision', s.abstention.precision, s.abstention.said],
    ['abstention.recall', s.abstention.recall, s.abstention.asked],
    ['escalation.precision', s.escalation.precision, s.escalation.said],
    ['escalation.recall', s.escalation.recall, s.escalation.asked],
    ['grounding.supported', s.grounding.supported, s.grounding.sentences],
    ['past.agreement', s.past.agreement, s.past.questions],
  ];
  return all.filter(([, , n]) => n > 0);
}

const points = (d: number) => `${d > 0 ? '+' : d < 0 ? '−' : '±'}${(Math.abs(d) * 100).toFixed(1)}`;

function Table({ replay, against, changes, common, children }: { replay: Replay; against: Replay | null; changes: Change[]; common: number; children: ComponentChildren }) {
  const { t } = w;
  const s = replay.scores;
  const change = (name: string) => changes.find((c) => c.score === name);
  return (
    <section class="golden-scores" aria-labelledby="golden-scores">
      <div class="page-head">
        <h3 id="golden-scores">{t('scores')}</h3>
        {children}
      </div>
      {against && <p class="hint">{w.plural('common', common)}</p>}
      <div class="card table-box" tabIndex={0} role="region" aria-label={t('scores_table')}>
        <table class="golden-table">
          <thead>
            <tr>
              <th scope="col">{t('score')}</th>
              <th scope="col">{t('now')}</th>
              <th scope="col">{t('before_replay')}</th>
              <th scope="col">{t('difference')}</th>
              <th scope="col">{t('of')}</th>
            </tr>
          </thead>
          <tbody>
            {rows(s).map(([name, value, n]) => {
              const c = change(name);
              return (
                <tr key={name} class={c?.regressed ? 'regressed' : ''}>
                  <th scope="row">
                    {w.coded('score', name)} <span class="hint">{w.coded('score_hint', name)}</span>
                  </th>
                  <td data-label={t('now')}>{percent(value)}</td>
                  <td data-label={t('before_replay')}>{c ? percent(c.before) : '–'}</td>
                  <td data-label={t('difference')}>
                    {c ? points(c.difference) : '–'} {c?.regressed && <Badge tone="bad" icon="warning">{t('regression')}</Badge>}
                  </td>
                  <td data-label={t('of')}>{number(n)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p class="hint">
        {t('time_and_cost', { p50: number(Math.round(s.p50_ms)), p95: number(Math.round(s.p95_ms)), cost: dollars(s.cost_micros) })}
        {s.without_model > 0 && ` ${w.plural('without_model', s.without_model)}`}
        {s.past.questions > 0 &&
          ` ${t('past_told', { newly: s.past.newly_answered, lost: s.past.newly_unanswered, changed: s.past.disliked_changed, disliked: s.past.disliked })}`}
      </p>
    </section>
  );
}

function Results({ site, id, query, against }: { site: string; id: string; query: URLSearchParams; against: string }) {
  const { t } = w;
  const now = { show: query.get('show') ?? 'all', kind: query.get('kind') ?? '', verdict: query.get('verdict') ?? '', q: query.get('q') ?? '' };
  const place: Place = { site, tab: 'golden', id, query };
  const offset = offsetOf(query);
  const got = useRows(() => knowledge(site).results(id, { ...now, against, limit: PAGE, offset }), [site, id, against, now.show, now.kind, now.verdict, now.q, offset], id);
  return (
    <section class="golden-results" aria-labelledby="golden-results">
      <h3 id="golden-results">{t('questions')}</h3>
      <StateTabs
        place={place}
        name="show"
        now={now.show}
        states={SHOWS.map((s) => ({ value: s, label: t(s === 'all' ? 'show_all_q' : `show_${s}`), count: got.data?.counts[s] }))}
      />
      <div class="filters">
        <SearchField place={place} label={t('search_questions')} />
        <FilterSelect place={place} name="verdict" label={t('verdict')} options={[{ value: '', label: t('any_verdict') }, ...VERDICTS.map((v) => ({ value: v, label: t(`verdict_${v}`) }))]} />
        <FilterSelect
          place={place}
          name="kind"
          label={t('kind')}
          options={[{ value: '', label: t('any_kind') }, ...(['golden', 'past'] as const).map((k) => ({ value: k, label: t(`kind_${k}`) }))]}
        />
      </div>
      <Show from={got} rows={6}>
        {(x) =>
          x.items.length === 0 ? (
            now.q || now.kind || now.verdict ? <NoneFit place={place} keep={['against', 'show']} /> : <Empty icon="check" title={t('nothing_such')} />
          ) : (
            <>
              <ul class={`golden-pairs${got.stale ? ' stale' : ''}`}>
                {x.items.map((p) => (
                  <Pair key={p.now.n} site={site} of={p} open={p.change === 'worse' && x.items.length <= 3} />
                ))}
              </ul>
              <Pager place={place} total={x.total} />
            </>
          )
        }
      </Show>
    </section>
  );
}

