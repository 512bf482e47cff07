/** What became of a question: what the shopper would see, how sure the search was, what it found, what each step took. */
import type { ComponentChildren } from 'preact';
import { coded, languageName, number, percent } from '../../../i18n';
import { follow, to } from '../../../state/router';
import { Button } from '../../../ui/button';
import { Icon } from '../../../ui/icon';
import { Badge, Skeleton } from '../../../ui/pieces';
import { Rich } from '../../../ui/rich';
import type { Passage, Report, Sentence } from '../golden/api';
import { w } from '../golden/words';

/** The answer while it comes. */
export interface Screen {
  state: string;
  text: string;
  found?: number;
}

export function Coming({ screen }: { screen: Screen }) {
  const { t } = w;
  return (
    <section class="card ask-coming">
      <p role="status">
        <span class="spinner" aria-hidden="true" /> {t(screen.state === 'writing' ? 'writing' : screen.state === 'handing_off' ? 'handing_off' : 'searching')}
        {screen.found !== undefined && <span class="hint"> {w.plural('found', screen.found)}</span>}
      </p>
      {screen.text ? <div class="ask-answer">{screen.text}</div> : <Skeleton rows={3} />}
    </section>
  );
}

const TONE: Record<string, string> = { answered: 'good', clarified: 'warn', escalated: 'bad' };

export function Outcome({ of }: { of: string }) {
  return <Badge tone={TONE[of] ?? 'plain'}>{w.coded('ends', of)}</Badge>;
}

export function ReportView({ site, report: r, before, save }: { site: string; report: Report; before: Report | undefined; save: () => void }) {
  const { t } = w;
  return (
    <>
      <section class="card ask-shown" aria-labelledby="ask-shown">
        <div class="page-head">
          <h3 id="ask-shown">{t('shopper_sees')}</h3>
          <Button small icon="save" onClick={save}>
            {t('save_golden')}
          </Button>
        </div>
        <p class="ask-bubble shopper">{r.question}</p>
        {r.text && (
          <div class="ask-bubble bot">
            <Rich text={r.text} cite={(n) => <sup class="ask-cite">{n}</sup>} />
          </div>
        )}
        {r.told && (
          <div class="ask-bubble bot">
            <Rich text={r.told} cite={() => undefined} />
          </div>
        )}
        {r.offer && <p class="hint">{t('offers_person')}</p>}
        {r.citations.length > 0 && (
          <ol class="ask-sources">
            {r.citations.map((c) => (
              <li key={c.n} value={c.n}>
                <a href={c.url} target="_blank" rel="noopener">
                  {c.title}
                </a>
              </li>
            ))}
          </ol>
        )}
      </section>
      <Gauge r={r} />
      {before && <Changed before={before} now={r} />}
      <Found site={site} r={r} />
      {r.sentences.length > 0 && <Grounding list={r.sentences} />}
      <Triage r={r} />
      <Gate r={r} />
      <Steps r={r} />
    </>
  );
}

/** How sure the search was, in words and on a scale. */
function Gauge({ r }: { r: Report }) {
  const { t } = w;
  const at = (x: number) => `${Math.round(Math.min(1, Math.max(0, x)) * 100)}%`;
  const zone = r.confidence >= r.threshold ? 'answer' : r.confidence >= r.near ? 'which' : 'unsure';
  const value = r.searched ? t(`gauge_${zone}`) : t('gauge_none');
  return (
    <section class="card" aria-labelledby="ask-gauge">
      <div class="page-head">
        <h3 id="ask-gauge">{t('confidence')}</h3>
        <Outcome of={r.outcome} />
      </div>
      {r.searched && (
        <>
          <div class="gauge" role="meter" aria-label={t('confidence')} aria-valuemin={0} aria-valuemax={1} aria-valuenow={r.confidence} aria-valuetext={`${percent(r.confidence)}. ${value}`}>
            <span class={`gauge-fill ${zone}`} style={{ width: at(r.confidence) }} />
            <span class="gauge-mark" style={{ insetInlineStart: at(r.near) }} />
            <span class="gauge-mark" style={{ insetInlineStart: at(r.threshold) }} />
          </div>
          <p>
            <strong>{percent(r.confidence)}</strong> {value}
          </p>
          <p class="hint">{t('gauge_scale', { near: percent(r.near), threshold: percent(r.threshold) })}</p>
        </>
      )}
      {!r.searched && <p>{value}</p>}
      {r.reason && (
        <p>
          {t('because')} {coded('reason', r.reason)}.
        </p>
      )}
    </section>
  );
}

/** What is otherwise than when the same question was asked before. */
function Changed({ before, now }: { before: Report; now: Report }) {
  const { t } = w;
  const first = (r: Report) => r.passages[0]?.article.title ?? '–';
  const cites = (r: Report) => r.citations.map((c) => c.title).join(', ') || '–';
  const rows: [string, string, string][] = [
    [t('outcome'), w.coded('ends', before.outcome), w.coded('ends', now.outcome)],
    [t('confidence'), percent(before.confidence), percent(now.confidence)],
    [t('first_passage'), first(before), first(now)],
    [t('cited'), cites(before), cites(now)],
    [t('held'), before.held.join(', ') || '–', now.held.join(', ') || '–'],
  ];
  const different = rows.filter(([, a, b]) => a !== b);
  return (
    <section class="card" aria-labelledby="ask-changed">
      <h3 id="ask-changed">{t('changed')}</h3>
      {different.length === 0 ? (
        <p class="hint">{before.text === now.text ? t('changed_nothing') : t('changed_words')}</p>
      ) : (
        <dl class="ask-changes">
          {different.map(([name, a, b]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <del>{a}</del> <Icon name="chevronRight" size={13} /> <ins>{b}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

const score = (n: number) => n.toFixed(n >= 10 ? 1 : 2);

function Found({ site, r }: { site: string; r: Report }) {
  const { t } = w;
  const most = (of: (p: Passage) => number) => Math.max(...r.passages.map(of), 0.0001);
  const top = { lexical: most((p) => p.lexical), semantic: most((p) => p.semantic) };
  return (
    <section class="card" aria-labelledby="ask-found">
      <h3 id="ask-found">{t('retrieved')}</h3>
      {r.passages.length === 0 ? (
        <p class="hint">{t(r.searched ? 'retrieved_nothing' : 'retrieved_none')}</p>
      ) : (
        <ol class="ask-passages">
          {r.passages.map((p) => (
            <li key={p.n} class={p.cited ? 'rests' : ''}>
              <div class="ask-passage-head">
                <a href={to.knowledge(site, 'articles', p.article.id)} onClick={follow}>
                  {p.article.title}
                </a>
                {p.cited && <Badge tone="good" icon="check">{t('cited')}</Badge>}
                {p.draft && <Badge tone="accent">{t('draft')}</Badge>}
                {p.article.locale.split('-')[0] !== r.locale.split('-')[0] && <Badge>{languageName(p.article.locale)}</Badge>}
              </div>
              {p.heading.length > 0 && <p class="hint">{p.heading.join(' › ')}</p>}
              <dl class="ask-scores">
                <Score name={t('by_words')} n={p.lexical} share={p.lexical / top.lexical} none={t('not_found_by')} />
                <Score name={t('by_meaning')} n={p.semantic} share={p.semantic / top.semantic} none={t('not_found_by')} />
                <Score name={t('fused')} n={p.fused} />
              </dl>
              <p class="hint clamp">{p.text}</p>
              <details>
                <summary>{t('passage_text')}</summary>
                <div class="ask-text">{p.text}</div>
              </details>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Score({ name, n, share, none }: { name: string; n: number; share?: number; none?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {n === 0 && none ? <span class="hint">{none}</span> : score(n)}
        {share !== undefined && (
          <span class="ask-bar" aria-hidden="true">
            <span style={{ width: `${Math.max(0, Math.min(100, share * 100))}%` }} />
          </span>
        )}
      </dd>
    </div>
  );
}

export function Grounding({ list }: { list: Sentence[] }) {
  const { t } = w;
  const good = list.filter((s) => s.supported).length;
  return (
    <section class="card" aria-labelledby="ask-grounding">
      <h3 id="ask-grounding">{t('grounding')}</h3>
      <p class="hint">{t('grounding_of', { good, all: list.length })}</p>
      <Sentences list={list} />
    </section>
  );
}

export function Sentences({ list }: { list: Sentence[] }) {
  const { t } = w;
  return (
    <ul class="ask-sentences">
      {list.map((s, i) => (
        <li key={i} class={s.supported ? 'good' : 'bad'}>
          <Icon name={s.supported ? 'check' : 'warning'} size={15} />
          <span>
            <span class="unseen">{t(s.supported ? 'supported' : 'unsupported')}: </span>
            {s.text} {s.cites.map((n) => `[${n}]`).join(' ')}
            {!s.supported && (
              <span class="hint">
                {' '}
                {w.coded('fault', s.why)}
                {s.facts.length > 0 && `: ${s.facts.join(', ')}`}
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Triage({ r }: { r: Report }) {
  const { t } = w;
  const x = r.reading;
  const marks = (['legal', 'safety', 'person_only', 'unhelped'] as const).filter((k) => x[k]);
  return (
    <Section id="triage" title={t('triage')}>
      <dl class="ask-facts">
        <Fact name={t('matter')}>{w.coded('matter', x.matter)}</Fact>
        {x.feeling && <Fact name={t('feeling')}>{coded('feeling', x.feeling)}</Fact>}
        {x.topic && <Fact name={t('topic')}>{coded('topic', x.topic)}</Fact>}
        <Fact name={t('wants_person')}>{percent(x.person)}</Fact>
        <Fact name={t('wants_contact')}>{percent(x.contact)}</Fact>
        <Fact name={t('negative')}>{percent(x.negative)}</Fact>
      </dl>
      {marks.length > 0 && (
        <p class="badges">
          {marks.map((k) => (
            <Badge key={k} tone="warn">
              {t(`mark_${k}`)}
            </Badge>
          ))}
        </p>
      )}
    </Section>
  );
}

function Gate({ r }: { r: Report }) {
  const { t } = w;
  return (
    <Section id="gate" title={t('gate')}>
      {r.held.length === 0 ? (
        <p class="hint">{t('gate_nothing')}</p>
      ) : (
        <>
          <p>{t('gate_held')}</p>
          <p class="badges">
            {r.held.map((f) => (
              <Badge key={f} tone="bad">
                {f}
              </Badge>
            ))}
          </p>
        </>
      )}
    </Section>
  );
}

function Steps({ r }: { r: Report }) {
  const { t } = w;
  const steps = (['embed', 'lexical', 'semantic', 'rerank', 'first', 'total'] as const).filter((k) => r.times[k] > 0);
  const all = Math.max(r.times.total, 0.001);
  return (
    <Section id="steps" title={t('steps')}>
      <dl class="ask-times">
        {steps.map((k) => (
          <div key={k}>
            <dt>{t(`step_${k}`)}</dt>
            <dd>
              <span class="ask-bar" aria-hidden="true">
                <span style={{ width: `${Math.min(100, (r.times[k] / all) * 100)}%` }} />
              </span>
              {t('ms', { n: r.times[k] < 10 ? r.times[k].toFixed(1) : number(Math.round(r.times[k])) })}
            </dd>
          </div>
        ))}
      </dl>
      {r.refused && <p class="ask-note">{t('refused')}</p>}
      {r.calls.length === 0 ? (
        <p class="hint">{t('no_cost')}</p>
      ) : (
        <ul class="rows">
          {r.calls.map((c, i) => (
            <li key={i}>
              <span class="grow">
                {c.model} <span class="hint">{t('tokens', { in: c.prompt_tokens, out: c.completion_tokens })}</span>
              </span>
              {c.failure && <Badge tone="warn">{w.coded('failure', c.failure)}</Badge>}
              <span>{dollars(c.cost_micros)}</span>
            </li>
          ))}
        </ul>
      )}
      {r.calls.length > 1 && <p>{t('cost_total', { cost: dollars(r.cost_micros) })}</p>}
    </Section>
  );
}

/** Millionths of a dollar, with as many digits as tell something. */
export const dollars = (micros: number) => `$${(micros / 1e6).toFixed(micros >= 10_000 || micros === 0 ? 2 : 4)}`;

function Section({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section class="card" aria-labelledby={`ask-${id}`}>
      <h3 id={`ask-${id}`}>{title}</h3>
      {children}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
