/**
 * What differs between two runs of the same application, taken out of what it printed and of what `tracelog trace` shows: times, ids, ports.
 *
 * Texts that tell the same stay the same; all else is kept byte for byte.
 */

/** Behind the logger's own fields, or (bunyan) before them. */
const TRACE_FIELDS = '"trace_id":"[0-9a-f]{32}","span_id":"[0-9a-f]{16}","trace_flags":"[0-9a-f]{2}"'

/** JSON lines of loggers, and what is told of them: what the preload adds (the README says so) is taken out. */
export function maskedOutput(text: string): string {
  return (
    text
      .replaceAll(new RegExp(`,${TRACE_FIELDS}|${TRACE_FIELDS},`, 'g'), '')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, '<time>')
      .replaceAll(/"(time|pid|port|remotePort|responseTime|ms|duration)":[\d.]+/g, '"$1":<number>')
      .replaceAll(/127\.0\.0\.1:\d{4,5}/g, '127.0.0.1:<port>')
      .replaceAll(/\[Nest\] \d+ {2}- [^A-Z]+[AP]M/g, '[Nest] <pid>  - <time>')
      // Before the end of its colour, where the terminal of who runs the tests has colours.
      .replaceAll(/(\+|(?:in|took) )[\d.]+m?s(?=(?:\p{Cc}\[\d+m)*$)/gmu, '$1<number>ms')
      .replaceAll(/\(node:\d+\)( \w*Warning: )-\d+/g, '(node:<pid>)$1-<number>')
      // What kafkajs says of a broker that has just started.
      .replaceAll(/^.*"lib":"kafkajs".*\n/gm, '')
  )
}

/** The tree, without when it happened and how long it took: its first column, its last two, and figures within. */
export function maskedTree(text: string): string {
  const [head = '', ...more] = text.split('\n')
  const titles = more.findIndex((line) => /^ *\+ms {2}service/.test(line))
  const start = more[titles]?.indexOf('service') ?? 0
  return [head, ...more.slice(0, titles), ...more.slice(titles).map((line) => line.slice(start))]
    .map((line) => masked(line).trimEnd())
    .join('\n')
}

function masked(line: string): string {
  return line
    .replace(/ {2,}[0-9a-f]{8} · [\d:.]+$/, '')
    .replace(/took ms$/, '')
    .replace(/ {2,}(?:\d+\.\d+|…)? *▕.*▏$/, '')
    .replaceAll(/\d+(?:\.\d+)? ms\b(?!=)/g, '… ms')
    .replaceAll(/\b(\w*(?:_ms|Time|Port)|ms|port)=[\d.]+/g, '$1=…')
    .replaceAll(/\/\S*\/tracelog-app-\w+\//g, '')
    .replaceAll(/127\.0\.0\.1:\d{4,5}/g, '127.0.0.1:…')
}
