/** Passing a conversation on, and its tags. */
import { useEffect, useState } from 'preact/hooks';
import { plural, t } from '../../i18n';
import type { Desk } from '../../state/desk';
import type { Thread } from '../../state/thread';
import { failed, toast } from '../../state/toasts';
import { me } from '../../state/session';
import { over } from '../../state/view';
import { Button, IconButton } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field, TextArea } from '../../ui/field';
import { Icon } from '../../ui/icon';
import { Avatar } from '../../ui/pieces';

export function TransferDialog({ desk, thread }: { desk: Desk; thread: Thread }) {
  const [to, setTo] = useState('');
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [q, setQ] = useState('');
  useEffect(() => void desk.loadPeople(), []);
  const close = () => (over.value = '');
  const row = thread.detail.value!.conversation;
  const fits = (name: string) => name.toLowerCase().includes(q.trim().toLowerCase());
  const agents = desk.people.value.agents.filter((a) => a.id !== row.assignee?.id && fits(a.name));
  agents.sort((a, b) => Number(b.online) - Number(a.online) || a.open - b.open || a.name.localeCompare(b.name));
  const teams = desk.people.value.teams.filter((x) => fits(x.name));

  const pass = async (e: Event) => {
    e.preventDefault();
    if (!to || busy) return;
    setBusy(true);
    const [kind, id] = to.split(' ') as [string, string];
    const words = note.trim() ? { note: note.trim() } : {};
    const body = kind === 'agent' ? { agent_id: id, ...words } : kind === 'team' ? { team_id: id, ...words } : words;
    const ok = await desk.act(() => desk.api.transfer(thread.id, body), t('said_transferred'));
    setBusy(false);
    if (ok) close();
  };

  const choice = (value: string, label: string, inner: preact.ComponentChildren) => (
    <label key={value} class={`choice${to === value ? ' on' : ''}`}>
      <input type="radio" name="to" value={value} checked={to === value} onChange={() => setTo(value)} aria-label={label} />
      {inner}
    </label>
  );
  return (
    <Dialog title={t('do_transfer')} close={close}>
      <form onSubmit={pass} class="form">
        <Field label={t('find_people')} type="search" autofocus value={q} onInput={(e) => setQ(e.currentTarget.value)} />
        <fieldset class="choices">
          <legend class="unseen">{t('pass_to')}</legend>
          {choice(
            'queue ',
            t('queue'),
            <>
              <span class="team-face">
                <Icon name="inbox" />
              </span>
              <span class="grow">
                {t('queue')}
                <small>{t('queue_hint')}</small>
              </span>
            </>,
          )}
          {teams.map((x) =>
            choice(
              `team ${x.id}`,
              x.name,
              <>
                <span class="team-face">
                  <Icon name="users" />
                </span>
                <span class="grow">{x.name}</span>
              </>,
            ),
          )}
          {agents.map((a) =>
            choice(
              `agent ${a.id}`,
              a.name,
              <>
                <Avatar name={a.name} size={30} online={a.online} />
                <span class="grow">
                  {a.name}
                  {a.id === me.value?.id ? ` (${t('you')})` : ''}
                  <small>
                    {t(a.online ? 'online' : 'away')} · {plural('open_n', a.open)}
                  </small>
                </span>
              </>,
            ),
          )}
        </fieldset>
        <TextArea label={t('transfer_note')} hint={t('transfer_note_hint')} rows={2} value={note} onInput={(e) => setNote(e.currentTarget.value)} />
        <div class="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" look="primary" icon="transfer" busy={busy} disabled={!to}>
            {t('pass_on')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function TagsDialog({ desk, thread }: { desk: Desk; thread: Thread }) {
  const row = thread.detail.value!.conversation;
  const [tags, setTags] = useState(row.tags);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const close = () => (over.value = '');
  const near = [...new Set(desk.inbox.list.value.rows.flatMap((r) => r.tags))].filter((x) => !tags.includes(x)).slice(0, 12);
  const add = (words: string) => {
    const fresh = words
      .split(',')
      .map((x) => x.trim().toLowerCase())
      .filter(Boolean);
    setTags([...new Set([...tags, ...fresh])]);
    setText('');
    return [...new Set([...tags, ...fresh])];
  };
  const save = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    const all = add(text);
    setBusy(true);
    try {
      await desk.api.tags(thread.id, all);
      const d = thread.detail.value!;
      thread.detail.value = { ...d, conversation: { ...d.conversation, tags: all } };
      desk.inbox.patch(thread.id, { tags: all });
      toast(t('saved'));
      close();
    } catch (err) {
      failed(err);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('tags')} close={close}>
      <form onSubmit={save} class="form">
        <ul class="chips">
          {tags.map((x) => (
            <li key={x} class="chip">
              {x}
              <IconButton icon="close" size={13} label={t('remove_tag', { name: x })} onClick={() => setTags(tags.filter((y) => y !== x))} />
            </li>
          ))}
        </ul>
        <Field
          label={t('add_tag')}
          hint={t('add_tag_hint')}
          value={text}
          autofocus
          maxLength={60}
          onInput={(e) => setText(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key === ',' || (e.key === 'Enter' && text.trim())) {
              e.preventDefault();
              add(text);
            } else if (e.key === 'Backspace' && !text) setTags(tags.slice(0, -1));
          }}
        />
        {near.length > 0 && (
          <p class="badges">
            {near.map((x) => (
              <Button key={x} small icon="plus" onClick={() => add(x)}>
                {x}
              </Button>
            ))}
          </p>
        )}
        <div class="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" look="primary" busy={busy}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
