import { Args, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql'

import { Book } from './book.model'
import { BooksService } from './books.service'

@Resolver(() => Book)
export class BooksResolver {
  constructor(private readonly books: BooksService) {}

  @Query(() => Book)
  book(@Args('id', { type: () => ID }) id: string): Book {
    return this.books.find(id)
  }

  @ResolveField()
  rating(@Parent() book: Book): Promise<number | undefined> {
    return this.books.ratingOf(book)
  }
}
