/** Starts the console. */
import { render } from 'preact';
import { App } from './app';
import { t } from './i18n';
import { listenToKeys } from './keys/listen';
import { startClock } from './state/clock';
import { desk, openRow } from './state/desk';
import { countInTitle } from './state/notify';
import { listenToHistory, route } from './state/router';
import { ask, onBack, standing, watchSession } from './state/session';
import { watchWidth } from './state/view';
import { shopperName } from './pages/inbox/words';

listenToHistory();
watchSession();
watchWidth();
startClock();
listenToKeys();
onBack(() => desk.value?.back());
addEventListener('online', () => desk.value?.wake());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') desk.value?.wake();
});
countInTitle(() => {
  const r = route.value;
  if (standing.value === 'out') return t('sign_in');
  if (r.page === 'inbox') return r.id && openRow.value ? shopperName(openRow.value) : t(`view_${r.view}`);
  return r.page === 'settings' ? t('settings') : r.page === 'account' ? t('account') : t('inbox');
});
render(<App />, document.getElementById('app')!);
void ask();
