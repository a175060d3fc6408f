/**
 * The load of the slices: keep-alive sockets and a fixed request text, written in waves; the next wave goes out when each answer of
 * the last one is there. No HTTP client: it would cost more than the server.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawClientOptions {
  readonly port: number
  readonly path: string
  readonly connections: number
  /** Lines besides `Host`. Default: none. */
  readonly headers?: readonly string[]
  /** Between the waves. Milliseconds; default 0: at once. */
  readonly paceMillis?: number
}

export class RawClient {
  readonly #options: RawClientOptions
  readonly #text: Buffer
  readonly #sockets: Socket[] = []
  #open = 0
  #answered = (): void => {}
  #failed = (_error: Error): void => {}

  constructor(options: RawClientOptions) {
    this.#options = options
    const lines = [`GET ${options.path} HTTP/1.1`, `Host: 127.0.0.1:${options.port}`, ...(options.headers ?? [])]
    this.#text = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
  }

  async connect(): Promise<void> {
    while (this.#sockets.length < this.#options.connections) {
      const socket = connect(this.#options.port, '127.0.0.1')
      await once(socket, 'connect')
      socket.setNoDelay(true)
      this.#read(socket)
      this.#sockets.push(socket)
    }
  }

  /** Resolves when so many requests are answered. */
  async run(requests: number): Promise<void> {
    const { paceMillis = 0 } = this.#options
    const from = performance.now()
    let wave = 0
    for (let left = requests; left > 0; wave++) {
      const count = Math.min(this.#sockets.length, left)
      await this.#wave(count)
      left -= count
      const ahead = from + (wave + 1) * paceMillis - performance.now()
      if (paceMillis > 0 && ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead))
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #wave(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve
      this.#failed = reject
      this.#open = count
      for (let i = 0; i < count; i++) this.#sockets[i]!.write(this.#text)
    })
  }

  #read(socket: Socket): void {
    let text = ''
    socket.on('error', (error) => this.#failed(error))
    socket.on('close', () => this.#failed(new Error('the server has closed a connection')))
    socket.on('data', (bytes: Buffer) => {
      text += bytes.latin1Slice()
      for (let end = endOfAnswer(text); end !== undefined; end = endOfAnswer(text)) {
        if (!text.startsWith('HTTP/1.1 200')) this.#failed(new Error(`the server answered ${text.slice(0, 200)}`))
        text = text.slice(end)
        if (--this.#open === 0) this.#answered()
      }
    })
  }
}

/** @returns `undefined` while the answer is not whole */
function endOfAnswer(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return undefined
  const length = /content-length: (\d+)/i.exec(text)?.[1]
  if (length !== undefined) {
    const end = head + 4 + Number(length)
    return text.length < end ? undefined : end
  }
  const last = text.indexOf('0\r\n\r\n', head + 4)
  return last === -1 ? undefined : last + 5
}
