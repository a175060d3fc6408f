import { Injectable, Logger, NotFoundException } from '@nestjs/common'

import type { Book } from './book.model'

const RATINGS = process.env.RATINGS_URL ?? 'http://127.0.0.1:3001'

@Injectable()
export class BooksService {
  private readonly logger = new Logger(BooksService.name)
  private readonly books = new Map<string, Book>([['1', { id: '1', title: 'The Left Hand of Darkness' }]])

  find(id: string): Book {
    this.logger.log(`looking for book ${id}`)
    const book = this.books.get(id)
    if (book === undefined) throw new NotFoundException(`no book ${id}`)
    return book
  }

  async ratingOf({ id }: Book): Promise<number | undefined> {
    const response = await fetch(`${RATINGS}/ratings/${id}`)
    if (!response.ok) {
      this.logger.warn(`no rating of book ${id}: ${response.status}`)
      return undefined
    }
    const { average } = (await response.json()) as { average: number }
    this.logger.debug(`book ${id} has ${average} stars`)
    return average
  }
}
