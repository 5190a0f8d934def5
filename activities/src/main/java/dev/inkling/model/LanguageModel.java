package dev.inkling.model;

/** A model that answers. Many threads may ask at once; each call is one request. */
public interface LanguageModel extends AutoCloseable {
  /**
   * Asks once; nothing is tried again here.
   *
   * @throws ModelException if there is no answer, with the reason and whether asking again can help
   * @throws InterruptedException if the caller no longer wants the answer; it may be billed all the
   *     same
   */
  Reply ask(Question question) throws ModelException, InterruptedException;

  @Override
  void close();
}
