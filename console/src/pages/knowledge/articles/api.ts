/** What is asked of a shop's articles. */
import { got, server } from '../../../api/call';
import type { asked } from './query';
import type { Article, ArticleList, Check, Content, Draft, Preview, Version, VersionText } from './types';

/** The most characters that are written here: a book of a hundred pages, and as much as is previewed. An import may bring more. */
export const LONGEST = 200_000;

export function articles(site: string) {
  const here = { params: { path: { site } } };
  const at = (id: string) => ({ params: { path: { site, id } } });
  return {
    list: (query: ReturnType<typeof asked>): Promise<ArticleList> => got(server.GET('/v1/console/sites/{site}/articles', { params: { path: { site }, query } })),
    make: (body: { title: string; locale: string }): Promise<Article> => got(server.POST('/v1/console/sites/{site}/articles', { ...here, body })),
    open: (id: string): Promise<Article> => got(server.GET('/v1/console/sites/{site}/articles/{id}', at(id))),
    /** Saves what was made from `base`. */
    save: async (id: string, base: Pick<Draft, 'revision' | 'base_version'>, c: Content): Promise<Draft> =>
      (await got(server.PUT('/v1/console/sites/{site}/articles/{id}/draft', { ...at(id), body: { revision: base.revision, base_version: base.base_version, ...c } }))).draft,
    discard: (id: string, revision: number): Promise<Article> =>
      got(server.DELETE('/v1/console/sites/{site}/articles/{id}/draft', { params: { path: { site, id }, query: { revision } } })),
    publish: (id: string, body: { revision: number; publish_at?: string; note?: string }): Promise<Article> =>
      got(server.POST('/v1/console/sites/{site}/articles/{id}/publish', { ...at(id), body })),
    unschedule: (id: string): Promise<Article> => got(server.DELETE('/v1/console/sites/{site}/articles/{id}/schedule', at(id))),
    unpublish: (id: string): Promise<Article> => got(server.POST('/v1/console/sites/{site}/articles/{id}/unpublish', at(id))),
    rollback: (id: string, version: number): Promise<Article> => got(server.POST('/v1/console/sites/{site}/articles/{id}/rollback', { ...at(id), body: { version } })),
    look: (id: string, body: { owner_id?: string; review_on?: string }): Promise<Article> => got(server.PATCH('/v1/console/sites/{site}/articles/{id}', { ...at(id), body })),
    drop: (id: string) => got(server.DELETE('/v1/console/sites/{site}/articles/{id}', at(id))),
    versions: (id: string): Promise<{ items: Version[] }> => got(server.GET('/v1/console/sites/{site}/articles/{id}/versions', at(id))),
    version: (id: string, version: number): Promise<VersionText> =>
      got(server.GET('/v1/console/sites/{site}/articles/{id}/versions/{version}', { params: { path: { site, id, version } } })),
    preview: (body: { markdown: string; title: string }): Promise<Preview> => got(server.POST('/v1/console/sites/{site}/articles/preview', { ...here, body })),
    check: (id: string): Promise<Check> => got(server.POST('/v1/console/sites/{site}/articles/{id}/check', at(id))),
  };
}
