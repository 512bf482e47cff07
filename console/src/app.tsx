/** Which page is shown. */
import { useEffect } from 'preact/hooks';
import { t } from './i18n';
import { Palette } from './keys/palette';
import { Shortcuts } from './keys/shortcuts';
import { AccountPage } from './pages/account';
import { InboxPage } from './pages/inbox/page';
import { InvitationPage } from './pages/invitation';
import { KnowledgePage } from './pages/knowledge/page';
import { SettingsPage } from './pages/settings/page';
import { Shell } from './pages/shell';
import { LostDialog, SignInPage } from './pages/sign-in';
import { go, route, to } from './state/router';
import { ask, isAdmin, sites, standing, trouble } from './state/session';
import { over } from './state/view';
import { shelf } from './state/shelf';
import { Button } from './ui/button';
import { Empty, Failure } from './ui/pieces';
import { Toasts } from './ui/toasts';

export function App() {
  return (
    <>
      <Page />
      <Toasts />
    </>
  );
}

function Page() {
  const r = route.value;
  if (r.page === 'invitation') return <InvitationPage token={r.token} />;
  switch (standing.value) {
    case 'asking':
      return <div class="starting" role="status" aria-label={t('loading')} />;
    case 'unreachable':
      return (
        <main class="door" id="main">
          <div class="door-card">
            <h1>{t('product')}</h1>
            <Failure text={trouble.value} retry={() => void ask()} />
          </div>
        </main>
      );
    case 'out':
      return <SignInPage />;
    default:
      return (
        <>
          <Shell>
            <Inner />
          </Shell>
          {over.value === 'palette' && <Palette />}
          {over.value === 'keys' && <Shortcuts />}
          {standing.value === 'lost' && <LostDialog />}
        </>
      );
  }
}

function Inner() {
  const r = route.value;
  const known = sites.value;
  const remembered = shelf.get('site');
  const home = known.find((s) => s.key === remembered)?.key ?? known[0]?.key;

  useEffect(() => {
    if ((r.page === 'home' || r.page === 'sign-in') && home) go(to.inbox(home, 'waiting'), true);
    if ('site' in r && known.some((s) => s.key === r.site)) shelf.set('site', r.site);
  }, [r, home]);

  if (r.page === 'account') return <AccountPage tab={r.tab} />;
  if ('site' in r && !known.some((s) => s.key === r.site))
    return (
      <main class="whole" id="main">
        <Empty icon="search" title={t('unknown_site')} main>
          <p>{t('unknown_site_hint')}</p>
          <Button onClick={() => go(to.home())}>{t('to_inbox')}</Button>
        </Empty>
      </main>
    );
  if (r.page === 'inbox') return <InboxPage />;
  if (r.page === 'settings' && isAdmin.value) return <SettingsPage site={r.site} tab={r.tab} />;
  if (r.page === 'knowledge' && isAdmin.value) return <KnowledgePage {...r} />;
  if (r.page === 'home' || r.page === 'sign-in')
    return (
      <main class="whole" id="main">
        {!home && (
          <Empty icon="inbox" title={t('no_sites')} main>
            <p>{t('no_sites_hint')}</p>
          </Empty>
        )}
      </main>
    );
  return (
    <main class="whole" id="main">
      <Empty icon="search" title={t('unknown_page')} main>
        <Button onClick={() => go(to.home())}>{t('to_inbox')}</Button>
      </Empty>
    </main>
  );
}
