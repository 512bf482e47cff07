/** Teams: who is in them, and which topics come to them by themselves. */
import { useState } from 'preact/hooks';
import { people, shop } from '../../api/client';
import type { Agent, Team } from '../../api/types';
import { coded, plural, t } from '../../i18n';
import { failed, toast } from '../../state/toasts';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Check, Field } from '../../ui/field';
import { Show, useLoad } from '../../ui/load';
import { Avatar, Badge, Empty } from '../../ui/pieces';

/** Topics that triage knows. */
export const TOPICS = ['delivery', 'return', 'refund', 'damaged', 'wrong_item', 'missing', 'payment', 'warranty', 'account', 'product', 'size', 'order_change'];

export function TeamsPage({ site }: { site: string }) {
  const api = shop(site);
  const teams = useLoad(async () => {
    const [a, b] = await Promise.all([api.teams(), people.agents()]);
    return { teams: a.teams ?? [], agents: (b.agents ?? []).filter((x) => !x.disabled) };
  }, [site]);
  const [editing, setEditing] = useState<Team | 'new'>();
  return (
    <>
      <div class="page-head">
        <h2>{t('tab_teams')}</h2>
        <Button look="primary" icon="plus" onClick={() => setEditing('new')}>
          {t('new_team')}
        </Button>
      </div>
      <Show from={teams}>
        {(x) =>
          x.teams.length ? (
            <ul class="rows card">
              {x.teams.map((team) => (
                <li key={team.id}>
                  <div class="grow">
                    <strong>{team.name}</strong>
                    <p class="badges">
                      {team.topics.map((k) => (
                        <Badge key={k}>{coded('topic', k)}</Badge>
                      ))}
                      <span class="hint">{plural('members', team.member_ids.length)}</span>
                    </p>
                  </div>
                  <span class="faces">
                    {team.member_ids.slice(0, 4).map((id) => (
                      <Avatar key={id} name={x.agents.find((a) => a.id === id)?.name ?? ''} size={26} />
                    ))}
                  </span>
                  <Button small icon="edit" onClick={() => setEditing(team)} aria-label={t('edit_named', { name: team.name })}>
                    {t('edit')}
                  </Button>
                </li>
              ))}
            </ul>
          ) : (
            <Empty icon="users" title={t('no_teams')}>
              <p>{t('no_teams_hint')}</p>
            </Empty>
          )
        }
      </Show>
      {editing && teams.data && (
        <Edit site={site} team={editing === 'new' ? undefined : editing} agents={teams.data.agents} close={() => setEditing(undefined)} done={() => void teams.again()} />
      )}
    </>
  );
}

function Edit({ site, team, agents, close, done }: { site: string; team: Team | undefined; agents: Agent[]; close: () => void; done: () => void }) {
  const api = shop(site);
  const [name, setName] = useState(team?.name ?? '');
  const [topics, setTopics] = useState(team?.topics ?? []);
  const [members, setMembers] = useState(team?.member_ids ?? []);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const run = async (what: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(true);
    setError('');
    try {
      await what();
      toast(t('saved'));
      done();
      close();
    } catch (err) {
      setError((err as Error).message);
      setBusy(false);
    }
  };
  const toggle = (list: string[], x: string, on: boolean) => (on ? [...list, x] : list.filter((y) => y !== x));
  const body = { name: name.trim(), topics, member_ids: members };
  return (
    <Dialog title={team?.name ?? t('new_team')} close={close}>
      <form
        class="form"
        onSubmit={(e) => {
          e.preventDefault();
          void run(() => (team ? api.putTeam(team.id, body) : api.addTeam(body)));
        }}
      >
        <Field label={t('name')} required maxLength={60} autofocus value={name} error={error || undefined} onInput={(e) => setName(e.currentTarget.value)} />
        <fieldset class="checks columns">
          <legend>{t('team_topics')}</legend>
          {[...new Set([...TOPICS, ...topics])].map((k) => (
            <Check key={k} label={coded('topic', k)} on={topics.includes(k)} change={(on) => setTopics(toggle(topics, k, on))} />
          ))}
        </fieldset>
        <fieldset class="checks">
          <legend>{t('team_members')}</legend>
          {agents.map((a) => (
            <Check key={a.id} label={a.name} on={members.includes(a.id)} change={(on) => setMembers(toggle(members, a.id, on))} />
          ))}
        </fieldset>
        <div class="form-end">
          {team && (
            <Button look="danger" icon="trash" busy={busy} onClick={() => void run(() => api.dropTeam(team.id)).catch(failed)}>
              {t('delete')}
            </Button>
          )}
          <span class="grow" />
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" look="primary" busy={busy}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
