/** The inbox: list, conversation, side panel; on a phone one at a time. */
import { useEffect } from 'preact/hooks';
import { t } from '../../i18n';
import { modKey } from '../../keys/actions';
import { deskFor } from '../../state/desk';
import { route } from '../../state/router';
import { panelOpen, panelShown, wide } from '../../state/view';
import { Dialog } from '../../ui/dialog';
import { Keys } from '../../ui/button';
import { Empty } from '../../ui/pieces';
import { ConversationPane } from './conversation';
import { ListHead } from './head';
import { List } from './list';
import { Panel } from './panel';

export function InboxPage() {
  const r = route.value;
  const site = r.page === 'inbox' ? r.site : '';
  const desk = deskFor(site);
  const { view, id, filters } = r.page === 'inbox' ? r : { view: 'waiting' as const, id: '', filters: { q: '', person: '', tag: '', team: '' } };
  const { q, person, tag, team } = filters;

  useEffect(() => {
    void desk.inbox.show(view, { q, person, tag, team });
  }, [desk, view, q, person, tag, team]);
  useEffect(() => {
    panelOpen.value = false;
    void desk.open(id);
  }, [desk, id]);

  const thread = desk.thread.value;
  const ready = thread && thread.id === id && thread.state.value === 'ready' ? thread : null;
  return (
    <main id="main" class={`inbox${id ? ' reading' : ''}${ready && wide.value && panelShown.value ? ' with-panel' : ''}`}>
      <h1 class="unseen">{t('inbox')}</h1>
      <section class="list-pane" aria-label={t('inbox')}>
        <ListHead desk={desk} />
        <List desk={desk} />
      </section>
      <section class="conversation-pane" aria-label={t('conversation')}>
        {thread && thread.id === id ? (
          <ConversationPane desk={desk} thread={thread} />
        ) : (
          <Empty icon="inbox" title={t('none_open')}>
            <p>
              {t('none_open_hint')} <Keys keys={`${modKey()} K`} />
            </p>
          </Empty>
        )}
      </section>
      {ready && wide.value && panelShown.value && <Panel desk={desk} thread={ready} />}
      {ready && !wide.value && panelOpen.value && (
        <Dialog title={t('panel')} close={() => (panelOpen.value = false)} bare>
          <div class="panel-over">
            <Panel desk={desk} thread={ready} close={() => (panelOpen.value = false)} />
          </div>
        </Dialog>
      )}
    </main>
  );
}
