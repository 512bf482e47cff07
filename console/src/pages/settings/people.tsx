/** People and invitations. */
import { useState } from 'preact/hooks';
import { people } from '../../api/client';
import type { Agent, Invitation, Role } from '../../api/types';
import { moment, t } from '../../i18n';
import { me, sites } from '../../state/session';
import { failed, toast } from '../../state/toasts';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Check, Field, Select } from '../../ui/field';
import { Show, useLoad } from '../../ui/load';
import { Avatar, Badge } from '../../ui/pieces';

export function PeoplePage() {
  const agents = useLoad(() => people.agents(), []);
  const invitations = useLoad(() => people.invitations(), []);
  const [inviting, setInviting] = useState(false);
  const [editing, setEditing] = useState<Agent>();

  const revoke = async (i: Invitation) => {
    try {
      await people.revoke(i.id);
      toast(t('invitation_revoked'));
      await invitations.again();
    } catch (err) {
      failed(err);
    }
  };
  return (
    <>
      <div class="page-head">
        <h2>{t('tab_people')}</h2>
        <Button look="primary" icon="plus" onClick={() => setInviting(true)}>
          {t('invite')}
        </Button>
      </div>
      <section class="card">
        <Show from={agents}>
          {(x) => (
            <ul class="rows">
              {(x.agents ?? []).map((a) => (
                <li key={a.id} class={a.disabled ? 'off' : ''}>
                  <Avatar name={a.name} online={a.online} />
                  <div class="grow">
                    <strong>{a.name}</strong> {a.id === me.value?.id && <span class="hint">({t('you')})</span>}
                    <p class="hint">{a.email}</p>
                  </div>
                  {a.disabled ? <Badge tone="bad">{t('disabled')}</Badge> : <Badge tone={a.role === 'admin' ? 'accent' : 'plain'}>{t(`role_${a.role}`)}</Badge>}
                  <Button small icon="edit" onClick={() => setEditing(a)} aria-label={t('edit_named', { name: a.name })}>
                    {t('edit')}
                  </Button>
                </li>
              ))}
            </ul>
          )}
        </Show>
      </section>
      <section class="card">
        <h3>{t('invitations')}</h3>
        <Show from={invitations} rows={2}>
          {(x) =>
            open(x.invitations).length ? (
              <ul class="rows">
                {open(x.invitations).map((i) => (
                  <li key={i.id}>
                    <div class="grow">
                      <strong>{i.email || i.name || t('set_up_link')}</strong>
                      <p class="hint">{t('invitation_until', { until: moment(i.expires_at) })}</p>
                    </div>
                    <Badge>{t(`role_${i.role}`)}</Badge>
                    <Button small onClick={() => void revoke(i)} aria-label={t('revoke_named', { name: i.email || t('set_up_link') })}>
                      {t('revoke')}
                    </Button>
                  </li>
                ))}
              </ul>
            ) : (
              <p class="hint">{t('no_invitations')}</p>
            )
          }
        </Show>
      </section>
      {inviting && <Invite close={() => setInviting(false)} done={() => void invitations.again()} />}
      {editing && <Edit agent={editing} close={() => setEditing(undefined)} done={() => void agents.again()} />}
    </>
  );
}

/** Those that can still be taken; what became of the others stands in the audit log. */
const open = (all: Invitation[] | null) => (all ?? []).filter((i) => i.state === 'open');

function Shops({ keys, change }: { keys: string[]; change: (k: string[]) => void }) {
  return (
    <fieldset class="checks">
      <legend>{t('shops')}</legend>
      {sites.value.map((s) => (
        <Check key={s.key} label={s.name} on={keys.includes(s.key)} change={(on) => change(on ? [...keys, s.key] : keys.filter((k) => k !== s.key))} />
      ))}
    </fieldset>
  );
}

function RoleSelect({ role, change }: { role: Role; change: (r: Role) => void }) {
  return (
    <Select label={t('role')} hint={t(role === 'admin' ? 'role_admin_hint' : 'role_agent_hint')} value={role} onChange={(e) => change(e.currentTarget.value as Role)}>
      <option value="agent">{t('role_agent')}</option>
      <option value="admin">{t('role_admin')}</option>
    </Select>
  );
}

function Invite({ close, done }: { close: () => void; done: () => void }) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('agent');
  const [keys, setKeys] = useState(sites.value.map((s) => s.key));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [link, setLink] = useState('');
  const send = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    setBusy(true);
    setError('');
    try {
      const got = await people.invite({ email: email.trim(), ...(name.trim() && { name: name.trim() }), role, site_keys: role === 'admin' ? [] : keys });
      setLink(got.link);
      done();
    } catch (err) {
      setError((err as Error).message);
    }
    setBusy(false);
  };
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => toast(t('copied')),
      () => toast(t('copy_failed'), 'bad'),
    );
  if (link)
    return (
      <Dialog title={t('invited', { name: name || email })} close={close}>
        <div class="form">
          <p class="hint">{t('link_once')}</p>
          <Field label={t('link')} readOnly value={link} onFocus={(e) => e.currentTarget.select()} />
          <div class="form-end">
            <Button icon="copy" onClick={() => void copy()}>
              {t('copy')}
            </Button>
            <Button look="primary" onClick={close}>
              {t('done')}
            </Button>
          </div>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={t('invite')} close={close}>
      <form class="form" onSubmit={send}>
        <Field label={t('email')} type="email" required autofocus value={email} error={error || undefined} onInput={(e) => setEmail(e.currentTarget.value)} />
        <Field label={t('name')} value={name} maxLength={100} onInput={(e) => setName(e.currentTarget.value)} />
        <RoleSelect role={role} change={setRole} />
        {role === 'agent' && <Shops keys={keys} change={setKeys} />}
        <div class="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" look="primary" icon="mail" busy={busy}>
            {t('invite')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Edit({ agent, close, done }: { agent: Agent; close: () => void; done: () => void }) {
  const [name, setName] = useState(agent.name);
  const [role, setRole] = useState(agent.role);
  const [keys, setKeys] = useState(agent.site_keys);
  const [capacity, setCapacity] = useState(agent.capacity);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const change = async (body: Parameters<typeof people.update>[1], said: string) => {
    setBusy(true);
    setError('');
    try {
      await people.update(agent.id, body);
      toast(said);
      done();
      close();
    } catch (err) {
      setError((err as Error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog title={agent.name} close={close}>
      <form
        class="form"
        onSubmit={(e) => {
          e.preventDefault();
          void change({ name: name.trim(), role, site_keys: keys, capacity }, t('saved'));
        }}
      >
        <Field label={t('name')} required maxLength={100} value={name} onInput={(e) => setName(e.currentTarget.value)} />
        <RoleSelect role={role} change={setRole} />
        {role === 'agent' && <Shops keys={keys} change={setKeys} />}
        <Field
          label={t('capacity')}
          hint={t('capacity_hint')}
          type="number"
          min={0}
          max={100}
          value={capacity}
          onInput={(e) => setCapacity(Math.max(0, Math.min(100, Number(e.currentTarget.value) || 0)))}
        />
        {error && (
          <p class="wrong-text" role="alert">
            {error}
          </p>
        )}
        <div class="form-end">
          <Button look={agent.disabled ? 'plain' : 'danger'} busy={busy} onClick={() => void change({ disabled: !agent.disabled }, t(agent.disabled ? 'said_enabled' : 'said_disabled'))}>
            {t(agent.disabled ? 'enable' : 'disable')}
          </Button>
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

