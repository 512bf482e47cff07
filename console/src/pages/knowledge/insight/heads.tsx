/** What the page comes to, in four figures and what they mean. */
import { percent } from '../../../i18n';
import type { Loaded } from '../../../ui/load';
import type { Figures } from './ask';
import type { Open } from './card';
import { shares } from './drawings';
import { duration, movedBy, movedPoints } from './say';
import { plural, t, type Word } from './words';

interface Said {
  figure: string;
  hint: string;
  change: string;
}

export function Heads({ of, open }: { of: Record<'outcomes' | 'first_answer' | 'wait' | 'ratings', Loaded<Figures>>; open: Open }) {
  const shared = (f: Figures, hint: 'head_answered_hint' | 'head_ratings_hint'): Said | undefined => {
    const { now, before, n } = shares(f);
    return n < f.few ? undefined : { figure: percent(now), hint: plural(hint, n), change: movedPoints(now, before) };
  };
  const median = (f: Figures, hint: Word): Said | undefined => {
    const s = f.series[0]!;
    return s.now.p50 === undefined ? undefined : { figure: duration(s.now.p50), hint: t(hint), change: movedBy(s.now.p50, s.before.p50) };
  };
  return (
    <ul class="heads">
      <Head name="head_answered" from={of.outcomes} open={open} say={(f) => shared(f, 'head_answered_hint')} />
      <Head name="head_first" from={of.first_answer} open={open} say={(f) => median(f, 'head_first_hint')} />
      <Head name="head_wait" from={of.wait} open={open} say={(f) => median(f, 'head_wait_hint')} />
      <Head name="head_ratings" from={of.ratings} open={open} say={(f) => shared(f, 'head_ratings_hint')} />
    </ul>
  );
}

function Head({ name, from, say, open }: { name: Word; from: Loaded<Figures>; say: (f: Figures) => Said | undefined; open: Open }) {
  const f = from.data;
  const said = f && say(f);
  return (
    <li class="card head">
      <h3>{t(name)}</h3>
      {f && said ? (
        <>
          <button type="button" class="head-figure" aria-label={`${t(name)}: ${said.figure}. ${t('look')}`} onClick={() => open(f, f.series[0]!.key)}>
            {said.figure}
          </button>
          <p class="head-change">{said.change}</p>
          <p class="hint">{said.hint}</p>
        </>
      ) : f || from.error ? (
        <p class="head-none">{from.error && !f ? '–' : t('head_none')}</p>
      ) : (
        <span class="bar" aria-hidden="true" />
      )}
    </li>
  );
}
