/** What a draft would answer of a gap's questions; shown beside the editor of an article that is to close one. */
import { useEffect, useMemo } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { follow, to } from '../../../state/router';
import { announce } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Icon } from '../../../ui/icon';
import { useLoad } from '../../../ui/load';
import { Badge, Failure } from '../../../ui/pieces';
import { gapsOf } from './api';
import { Latest, outOfDate } from './latest';
import { missing } from './missing';
import { NearList } from './near';
import { noted } from './noted';
import type { Check, Contradiction } from '../articles/types';
import type { Flag, Proof, Tried } from './types';
import { plural, t } from './words';

export interface ProofProps {
  site: string;
  gap: string;
  article: string;
  /** The draft's revision as it is saved; a proof of an older one is out of date. */
  revision: number;
}

/** A proof, and the text that it was made of. */
interface Proven {
  proof: Proof;
  text: string;
}

export function ProofPanel({ site, gap, article, revision }: ProofProps) {
  const api = gapsOf(site);
  const [proof, check] = useMemo(
    () => [
      new Latest<Proven>(async (rev, signal) => {
        const [got, of] = await Promise.all([api.proof(gap, article, rev, signal), api.article(article, signal).catch(() => undefined)]);
        announce(plural('would_answer', got.total, { after: got.after }));
        return { proof: got, text: of ? `${of.draft.title}\n${of.draft.markdown}` : '' };
      }),
      new Latest<Check>((_, signal) => api.check(article, signal)),
    ],
    [site, gap, article],
  );
  useEffect(() => {
    proof.want(revision);
    check.want(revision);
  }, [proof, check, revision]);
  useEffect(
    () => () => {
      proof.cancel();
      check.cancel();
    },
    [proof, check],
  );
  const title = useLoad(() => api.get(gap), [site, gap]).data?.gap.title;
  return (
    <aside class="proof" aria-label={t('proof')}>
      <header class="proof-head">
        <h3>{t('proof')}</h3>
        <a href={to.knowledge(site, 'gaps', gap)} onClick={follow}>
          {title ?? t('the_gap')}
        </a>
      </header>
      <Noted flags={noted.get(article) ?? []} />
      <Proving site={site} run={proof} />
      <Checking site={site} run={check} />
    </aside>
  );
}

/** What the draft was made with some doubt of. */
function Noted({ flags }: { flags: readonly Flag[] }) {
  if (!flags.length) return null;
  return (
    <Results title={plural('look_at', flags.length)} open>
      {flags.map((f) => (
        <li key={f.kind + f.text}>
          <p class="hint">{t(`flag_${f.kind}`)}</p>
          <blockquote dir="auto">{f.text}</blockquote>
        </li>
      ))}
    </Results>
  );
}

function Proving({ site, run }: { site: string; run: Latest<Proven> }) {
  const a = run.answer.value;
  const proof = a.value?.proof;
  const fail = (proof?.results ?? []).filter((r) => !r.answered);
  const pass = (proof?.results ?? []).filter((r) => r.answered);
  return (
    <section class="proof-part" aria-busy={a.running}>
      {proof && <Share proof={proof} old={outOfDate(a)} />}
      <div class="proof-state" role="status">
        {a.running ? (
          <>
            <span class="spinner" aria-hidden="true" />
            <span class="grow">{t(proof ? 'asking_again' : 'asking')}</span>
            <Button small look="ghost" onClick={() => run.cancel()}>
              {t('stop')}
            </Button>
          </>
        ) : (
          <>
            <span class="grow">{proof && !outOfDate(a) ? t('no_model') : a.error ? '' : proof ? t('out_of_date') : t('stopped')}</span>
            {!a.error && (
              <Button small look="ghost" icon="refresh" onClick={() => run.again()}>
                {t('ask_again')}
              </Button>
            )}
          </>
        )}
      </div>
      {a.error && <Failure text={a.error} retry={() => run.again()} />}
      {proof && proof.left > 0 && <p class="hint">{plural('left', proof.left)}</p>}
      {proof && proof.total > 0 && (
        <div class={outOfDate(a) ? 'stale' : ''}>
          {fail.length > 0 && (
            <Results title={plural('still_fail', fail.length)} open>
              {fail.map((r) => (
                <Failing key={r.question_id} site={site} r={r} text={a.value!.text} />
              ))}
            </Results>
          )}
          {pass.length > 0 && (
            <Results title={plural('now_answered', pass.length)}>
              {pass.map((r) => (
                <li key={r.question_id}>
                  <Asked site={site} r={r} />
                  {r.why === 'other_article' && <p class="hint">{t('by_other')}</p>}
                  {r.quote && <blockquote dir="auto">{r.quote}</blockquote>}
                </li>
              ))}
            </Results>
          )}
        </div>
      )}
    </section>
  );
}

/** "Would have answered 31 of 44 (today: 3)": as a bar, and in words. */
function Share({ proof, old }: { proof: Proof; old: boolean }) {
  const { total, after, before } = proof;
  if (total === 0) return <p class="hint">{t('no_questions')}</p>;
  const part = (n: number) => `${(100 * n) / total}%`;
  return (
    <div class={`share${old ? ' stale' : ''}`}>
      <p class="share-words">
        <strong>{plural('would_answer', total, { after })}</strong> <span class="hint">{t('today_answered', { before })}</span>
        {old && <Badge tone="warn">{t('old')}</Badge>}
      </p>
      <div class="share-bar" aria-hidden="true">
        <span class="after" style={{ width: part(after) }} />
        {before > 0 && <span class="before" style={{ width: part(Math.min(before, after)) }} />}
      </div>
    </div>
  );
}

function Results({ title, open, children }: { title: string; open?: boolean; children: ComponentChildren }) {
  return (
    <details class="results" open={open}>
      <summary>
        <Icon name="chevronRight" size={14} />
        {title}
      </summary>
      <ul>{children}</ul>
    </details>
  );
}

function Asked({ site, r }: { site: string; r: Tried }) {
  return (
    <a href={to.inbox(site, 'all', r.conversation_id, undefined, r.seq)} onClick={follow} dir="auto">
      {r.text}
    </a>
  );
}

/** A question that the draft does not answer: why, and what would help. */
function Failing({ site, r, text }: { site: string; r: Tried; text: string }) {
  const words = r.why === 'not_found' && text ? missing(r.text, text) : [];
  return (
    <li>
      <Asked site={site} r={r} />
      <p class="hint">
        {t(r.why ? `why_${r.why}` : 'why_not_found')}
        {words.length > 0 && ` ${t('words_missing', { words: words.map((w) => t('quoted', { text: w })).join(', ') })}`}
      </p>
      {r.why !== 'not_found' && r.quote && <blockquote dir="auto">{r.quote}</blockquote>}
    </li>
  );
}

/** What stands against the draft in other articles. */
function Checking({ site, run }: { site: string; run: Latest<Check> }) {
  const a = run.answer.value;
  const near = a.value?.near ?? [];
  const against = a.value?.contradictions ?? [];
  if (a.error) return <Failure text={a.error} retry={() => run.again()} />;
  if (!a.value) return null;
  if (!near.length && !against.length)
    return (
      <p class="proof-part hint">
        <Icon name="check" size={14} /> {t('nothing_against')}
      </p>
    );
  return (
    <>
      {against.length > 0 && (
        <section class={`proof-part${outOfDate(a) ? ' stale' : ''}`}>
          <h4>{plural('contradictions', against.length)}</h4>
          <ul class="against">
            {against.map((c) => (
              <Against key={c.id + c.here} site={site} c={c} />
            ))}
          </ul>
        </section>
      )}
      {near.length > 0 && (
        <section class={`proof-part${outOfDate(a) ? ' stale' : ''}`}>
          <h4>{t('duplicates')}</h4>
          <p class="hint">{t('duplicates_hint')}</p>
          <NearList site={site} near={near} />
        </section>
      )}
    </>
  );
}

function Against({ site, c }: { site: string; c: Contradiction }) {
  return (
    <li>
      <a href={to.knowledge(site, 'articles', c.id)} onClick={follow}>
        {c.title}
      </a>
      {(c.facts ?? []).length > 0 && <p class="facts">{c.facts.map(([here = '', there = '']) => t('fact_against', { here, there })).join('; ')}</p>}
      <dl>
        <dt>{t('here')}</dt>
        <dd dir="auto">{c.here}</dd>
        <dt>{t('there')}</dt>
        <dd dir="auto">{c.there}</dd>
      </dl>
    </li>
  );
}
