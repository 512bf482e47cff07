import { t } from '../../../i18n';
import type { TabProps } from '../page';

export function GapsPage({ site }: TabProps) {
  return <h2 data-site={site}>{t('tab_gaps')}</h2>;
}
