/**
 * A key as a JSON pointer in SQL: dots, quotes and slashes in it mean nothing.
 */

/** The SQL literal of the pointer to a key of `rest` or of a resource's attributes. */
export function attributePath(key: string): string {
  const pointer = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
  return `'${pointer.replaceAll("'", "''")}'`
}
