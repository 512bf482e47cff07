/** One conversation: its head, timeline and composer. */
import { coded, t } from '../../i18n';
import { actions, backToList } from '../../keys/actions';
import type { Desk } from '../../state/desk';
import { me } from '../../state/session';
import type { Thread } from '../../state/thread';
import { over, panelOpen, panelShown, togglePanel, wide } from '../../state/view';
import { Button, IconButton } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { Menu } from '../../ui/menu';
import { Avatar, Badge, Empty, Failure, Skeleton } from '../../ui/pieces';
import { ComposerBox } from './composer';
import { TagsDialog, TransferDialog } from './dialogs';
import { Timeline } from './timeline';
import { shopperName } from './words';

export function ConversationPane({ desk, thread }: { desk: Desk; thread: Thread }) {
  const state = thread.state.value;
  if (state === 'loading')
    return (
      <div class="conversation">
        <div class="conversation-head">
          <IconButton class="back" icon="back" label={t('do_back')} onClick={backToList} />
          <Skeleton rows={1} />
        </div>
        <Skeleton kind="bubble" rows={5} />
      </div>
    );
  if (state === 'unknown')
    return (
      <div class="conversation">
        <Empty icon="search" title={t('unknown_conversation')}>
          <p>{t('unknown_conversation_hint')}</p>
          <Button onClick={backToList}>{t('do_back')}</Button>
        </Empty>
      </div>
    );
  if (state === 'failed')
    return (
      <div class="conversation">
        <div class="conversation-head">
          <IconButton class="back" icon="back" label={t('do_back')} onClick={backToList} />
        </div>
        <Failure text={thread.error.value} retry={() => void desk.load(thread)} />
      </div>
    );
  return (
    <div class="conversation" data-escape tabIndex={-1}>
      <Head desk={desk} thread={thread} />
      <Timeline key={thread.id} desk={desk} thread={thread} />
      <ComposerBox key={`c-${thread.id}`} desk={desk} thread={thread} />
      {over.value === 'transfer' && <TransferDialog desk={desk} thread={thread} />}
      {over.value === 'tags' && <TagsDialog desk={desk} thread={thread} />}
    </div>
  );
}

function Head({ thread }: { desk: Desk; thread: Thread }) {
  const d = thread.detail.value!;
  const row = d.conversation;
  const mine = row.assignee?.id === me.value?.id;
  const others = thread.looking.value.filter((l) => l.agent_id !== me.value?.id);
  const can = actions();
  const act = (id: string) => can.find((a) => a.id === id);
  const claim = act('claim');
  const resolve = act('resolve');
  const menu = ['transfer', 'hand-back', 'tags', 'note'].map(act).filter((a) => a !== undefined);
  return (
    <header class="conversation-head">
      <IconButton class="back" icon="back" label={t('do_back')} onClick={backToList} />
      <Avatar name={row.shopper.name || row.shopper.email} size={34} />
      <div class="conversation-title">
        <h2>{shopperName(row)}</h2>
        <p>
          {row.state === 'closed' ? (
            <Badge tone="good" icon="resolve">
              {t('resolved')}
            </Badge>
          ) : row.assignee ? (
            <Badge tone={mine ? 'accent' : 'plain'} icon="user">
              {mine ? t('yours') : row.assignee.name}
            </Badge>
          ) : row.waiting_since ? (
            <Badge tone="warn" icon="clock">
              {row.team ? t('waits_for_team', { name: row.team.name }) : t('waits')}
            </Badge>
          ) : (
            <Badge tone="bot" icon="bot">
              {t('bot_in_charge')}
            </Badge>
          )}
          {row.topic && row.topic !== 'other' && <span class="quiet topic">{coded('topic', row.topic)}</span>}
        </p>
      </div>
      {others.length > 0 && (
        <div class="looking" role="img" aria-label={t('also_looking', { names: others.map((l) => l.name).join(', ') })} title={t('also_looking', { names: others.map((l) => l.name).join(', ') })}>
          {others.slice(0, 3).map((l) => (
            <Avatar key={l.agent_id} name={l.name} size={26} />
          ))}
          <Icon name="eye" size={14} />
        </div>
      )}
      <div class="conversation-tools">
        {claim && (
          <Button small look={row.assignee ? 'plain' : 'primary'} onClick={claim.run} title={`${claim.label} (c)`}>
            {t('claim')}
          </Button>
        )}
        {resolve && (
          <Button small icon={resolve.icon} onClick={resolve.run} title={`${resolve.label} (e)`} class="resolve">
            <span class="wide-only">{resolve.label}</span>
            <span class="unseen narrow-only">{resolve.label}</span>
          </Button>
        )}
        <Menu label={t('more')} look="icon-button" items={menu.map((a) => ({ label: a.label, icon: a.icon, keys: a.key, run: a.run }))}>
          <Icon name="more" size={17} />
        </Menu>
        <IconButton icon="panel" label={t('do_panel')} hint="s" pressed={wide.value ? panelShown.value : panelOpen.value} onClick={togglePanel} />
      </div>
    </header>
  );
}
