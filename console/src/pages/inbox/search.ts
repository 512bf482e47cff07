/** What the words typed into the search ask for. */
import { t } from '../../i18n';
import type { Filters } from '../../state/router';

/** Takes "person:ada" and "tag:vip" out of what was typed. */
export function readSearch(text: string): Partial<Filters> {
  const out: Partial<Filters> = {};
  const words = (key: 'word_person' | 'word_tag') => `${key === 'word_person' ? 'person' : 'tag'}|${t(key)}`;
  const q = text
    .replace(new RegExp(`(?:^|\\s)(?:${words('word_person')}):("[^"]*"|\\S+)`, 'i'), (_, v: string) => ((out.person = v.replaceAll('"', '')), ' '))
    .replace(new RegExp(`(?:^|\\s)(?:${words('word_tag')}):("[^"]*"|\\S+)`, 'i'), (_, v: string) => ((out.tag = v.replaceAll('"', '')), ' '))
    .replace(/\s+/g, ' ')
    .trim();
  return { q, ...out };
}
