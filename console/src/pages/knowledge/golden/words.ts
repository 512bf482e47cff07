/** The words of Ask and of golden questions. */
import { words } from '../../../i18n';
import de from './de.json';
import en from './en.json';

export const w = words({ en, de });
