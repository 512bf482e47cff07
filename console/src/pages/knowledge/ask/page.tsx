import { t } from '../../../i18n';
import type { TabProps } from '../page';

export function AskPage({ site }: TabProps) {
  return <h2 data-site={site}>{t('tab_ask')}</h2>;
}
