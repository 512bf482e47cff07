/** What the pages of imports say. */
import { words } from '../../../i18n';
import de from './de.json';
import en from './en.json';

export const { t, plural, coded } = words({ en, de });
