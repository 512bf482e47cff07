/** What admins look after for a shop. */
import { t } from '../../i18n';
import { follow, to } from '../../state/router';
import { sites } from '../../state/session';
import { AuditPage } from './audit';
import { CarePage } from './care';
import { HoursPage } from './hours';
import { MacrosPage } from './macros';
import { PeoplePage } from './people';
import { TeamsPage } from './teams';

const TABS = ['people', 'teams', 'hours', 'care', 'macros', 'audit'] as const;

export function SettingsPage({ site, tab }: { site: string; tab: string }) {
  const now = TABS.find((x) => x === tab) ?? 'people';
  return (
    <div class="settings">
      <nav class="settings-nav" aria-label={t('settings')}>
        <h1>{t('settings')}</h1>
        <p class="hint">{sites.value.find((s) => s.key === site)?.name}</p>
        {TABS.map((x) => (
          <a key={x} href={to.settings(site, x)} onClick={follow} aria-current={x === now ? 'page' : undefined}>
            {t(`tab_${x}`)}
          </a>
        ))}
      </nav>
      <main class="settings-page" id="main" tabIndex={-1} key={site + now}>
        {now === 'people' && <PeoplePage />}
        {now === 'teams' && <TeamsPage site={site} />}
        {now === 'hours' && <HoursPage site={site} />}
        {now === 'care' && <CarePage site={site} />}
        {now === 'macros' && <MacrosPage site={site} />}
        {now === 'audit' && <AuditPage />}
      </main>
    </div>
  );
}
