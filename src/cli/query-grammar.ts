/**
 * The query language in a few lines, for the help of every command that takes a query.
 */

/** Source: spec/backend, "Query". */
export const QUERY_GRAMMAR = `A query is terms, all of which must hold: key:value, key=value, key!=value, key>value, key>=value, key<value, key<=value;
keys are those of the flat line (service, level, trace, path, status, took, cache_hit ...) or of any attribute.
A bare word or "some words" is searched in the message. -term negates, OR and ( ) combine, * stands for any text.
Quote a query for the shell when it holds < > ( ) * or blanks.`
