/** Golden questions and their replays: …/golden, …/golden/replays, and a replay by its id. */
import { t as common } from '../../../i18n';
import { follow, to } from '../../../state/router';
import type { TabProps } from '../page';
import { Questions } from './questions';
import { Replays } from './replays';
import { Run } from './run';
import { w } from './words';

export function GoldenPage({ site, id, query }: TabProps) {
  const { t } = w;
  if (id && id !== 'replays') return <Run key={id} site={site} id={id} query={query} />;
  const tabs: [string, string][] = [
    ['', t('questions')],
    ['replays', t('replays')],
  ];
  return (
    <>
      <h2>{common('tab_golden')}</h2>
      <p class="lead">{t('golden_lead')}</p>
      <nav class="states" aria-label={common('tab_golden')}>
        {tabs.map(([tab, name]) => (
          <a key={tab} href={to.knowledge(site, 'golden', tab)} onClick={follow} aria-current={tab === id ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      {id === 'replays' ? <Replays site={site} query={query} /> : <Questions site={site} query={query} />}
    </>
  );
}
