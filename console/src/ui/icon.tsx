/** Icons by name, out of Lucide; decoration beside words, or named by the button that holds them. */
import {
  ArrowDown, ArrowLeft, ArrowRightLeft, ArrowUp, AtSign, Bell, BellOff, BookOpen, Bookmark, Bot, Briefcase, Check, ChevronDown, ChevronRight,
  CircleCheck, Clock, Command, Copy, CornerUpLeft, ExternalLink, Eye, FileText, Funnel, Hash, HeartHandshake, Inbox, Info, Keyboard,
  Languages, Link, LogOut, Mail, Menu, Monitor, Moon, Package, PanelRight, Pencil, Plus, RefreshCw, Route, RotateCcw, Scale, Scissors, ScrollText,
  Search, Send, Settings, Sparkles, ChartNoAxesColumn, Download, Table2, StickyNote, Sun, Tag, Trash, TriangleAlert, User, Users, WifiOff, X, Zap, Ellipsis,
} from 'lucide';

const icons = {
  down: ArrowDown, up: ArrowUp, back: ArrowLeft, transfer: ArrowRightLeft, at: AtSign, bell: Bell, bellOff: BellOff, book: BookOpen, save: Bookmark, bot: Bot,
  formal: Briefcase, check: Check, chevronDown: ChevronDown, chevronRight: ChevronRight, resolve: CircleCheck, clock: Clock, command: Command,
  copy: Copy, reply: CornerUpLeft, external: ExternalLink, eye: Eye, file: FileText, filter: Funnel, hash: Hash, care: HeartHandshake, inbox: Inbox, info: Info,
  keyboard: Keyboard, language: Languages, link: Link, signOut: LogOut, mail: Mail, menu: Menu, monitor: Monitor, moon: Moon, order: Package,
  panel: PanelRight, edit: Pencil, plus: Plus, refresh: RefreshCw, page: Route, reopen: RotateCcw, legal: Scale, shorter: Scissors, log: ScrollText,
  search: Search, send: Send, settings: Settings, draft: Sparkles, note: StickyNote, sun: Sun, tag: Tag, trash: Trash, warning: TriangleAlert,
  chart: ChartNoAxesColumn, download: Download, list: Table2,
  user: User, users: Users, offline: WifiOff, close: X, macro: Zap, more: Ellipsis,
};

export type IconName = keyof typeof icons;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {icons[name].map(([Tag, attrs]) => {
        const T = Tag as 'path';
        return <T {...(attrs as object)} />;
      })}
    </svg>
  );
}
