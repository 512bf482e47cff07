/** What the pages of gaps say. */
import { words } from '../../../i18n';
import de from './de.json';
import en from './en.json';

export const { t, plural } = words({ en, de });
