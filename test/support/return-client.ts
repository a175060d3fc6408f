/**
 * A caller that wants the lines of its call, by hand: opens a stream, calls, reads what arrives.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'

export interface Told {
  readonly id: number
  readonly kind: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answered {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly text: string
}

/** One request on a connection of its own. */
export function ask(url: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, rawHeaders: answer.rawHeaders, text }),
      )
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export interface Granted {
  readonly id: string
  readonly url: string
  readonly grant: string
  readonly expires_at: string
}

export async function openStream(base: string, authorization: string, asked: object = {}): Promise<Granted> {
  const headers = { authorization, 'content-type': 'application/json' }
  const answer = await ask(`${base}/streams`, { method: 'POST', headers, body: JSON.stringify(asked) })
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`)
  return JSON.parse(answer.text) as Granted
}

export interface Reading {
  readonly events: readonly Told[]
  readonly answer: IncomingMessage
  /** Resolves when there is such an event. */
  sees(isIt: (event: Told) => boolean): Promise<Told>
  /** Resolves with the last event, when the answer has ended. */
  readonly ended: Promise<Told | undefined>
  close(): void
}

/** @param after  `Last-Event-ID` */
export function readStream(url: string, authorization: string, after?: number): Promise<Reading> {
  const headers = { authorization, ...(after !== undefined && { 'last-event-id': String(after) }) }
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { headers, agent: false }, (answer) => {
      if (answer.statusCode === 200) resolve(reading(answer))
      else reject(new Error(String(answer.statusCode)))
    })
    sent.on('error', reject)
    sent.end()
  })
}

function reading(answer: IncomingMessage): Reading {
  const events: Told[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    events.push(...blocks.flatMap(eventOf))
    for (const look of waiting) look()
  })
  const ended = new Promise<Told | undefined>((resolve) => answer.on('close', () => resolve(events.at(-1))))
  return {
    events,
    answer,
    ended,
    close: () => void answer.destroy(),
    sees: (isIt) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = events.find(isIt)
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
        void ended.then(() => reject(new Error(`ended with ${JSON.stringify(events)}`)))
      }),
  }
}

function eventOf(block: string): Told[] {
  const [, id, kind = '', data = ''] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? []
  return id === undefined ? [] : [{ id: Number(id), kind, data: JSON.parse(data) as Told['data'] }]
}
