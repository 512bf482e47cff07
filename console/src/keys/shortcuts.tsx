/** The list of shortcuts. */
import { t, type Key } from '../i18n';
import { isAdmin, preferences } from '../state/session';
import { over } from '../state/view';
import { Keys } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ALT, modKey, TONES } from './actions';

type Line = [Key, string];

export function Shortcuts() {
  const mod = modKey();
  const always: Line[] = [
    ['palette', `${mod} K`],
    ['do_next', `${ALT} ↓`],
    ['do_previous', `${ALT} ↑`],
    ['key_open', '↵'],
    ['key_leave', 'Esc'],
  ];
  const writing: Line[] = [
    ['send', `${mod} ↵`],
    ['send_resolve', `${mod} ⇧ ↵`],
    ['key_macro', '/'],
    ['key_article', '#'],
    ['key_mention', '@'],
    ['key_use_draft', `${ALT} U`],
    ...TONES.map((x): Line => [`tone_${x.tone}`, `${ALT} ${x.digit}`]),
  ];
  const single: Line[] = [
    ['do_next', 'j'],
    ['do_previous', 'k'],
    ['do_reply', 'r'],
    ['do_note', 'n'],
    ['do_claim', 'c'],
    ['do_transfer', 't'],
    ['do_hand_back', 'b'],
    ['key_resolve', 'e'],
    ['do_tags', 'l'],
    ['do_panel', 's'],
    ['do_back', 'u'],
    ['do_search', '/'],
    ['key_views', '1 2 3 4'],
    ['do_keys', '?'],
  ];
  const lists: Line[] = [
    ['do_next_row', 'j'],
    ['do_previous_row', 'k'],
    ['do_search_list', '/'],
    ['do_back', 'u'],
  ];
  const table = (title: string, lines: Line[]) => (
    <section>
      <h3>{title}</h3>
      <dl class="shortcuts">
        {lines.map(([k, keys]) => (
          <div key={k + keys}>
            <dt>{t(k)}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
  return (
    <Dialog title={t('do_keys')} close={() => (over.value = '')} wide>
      <div class="shortcut-columns">
        <div>
          {table(t('keys_everywhere'), always)}
          {table(t('keys_writing'), writing)}
          {isAdmin.value && table(t('knowledge'), lists)}
        </div>
        <div>
          {table(t('keys_single'), single)}
          <p class="hint">{t(preferences.value.single_keys ? 'keys_can_be_off' : 'keys_are_off')}</p>
        </div>
      </div>
    </Dialog>
  );
}
