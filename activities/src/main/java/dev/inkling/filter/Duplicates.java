package dev.inkling.filter;

import dev.inkling.row.Row;
import dev.inkling.spec.FilterSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Drops rows that stood there before. Of each distinct row 128 bits of its SHA-256 are remembered,
 * in an open-addressed table that is at most three quarters full: a million rows take 32 MiB. Among
 * a billion rows two different ones have the same 128 bits with a probability of 1e-21.
 */
final class Duplicates implements RowFilter {
  private static final Verdict.Dropped DUPLICATE = Verdict.dropped("duplicate");

  private final FilterSpec.Part part;
  private final MessageDigest sha256;

  /** Two longs for each place; both zero where it is free. */
  private long[] table = new long[2 * 1024];

  private long remembered;

  Duplicates(FilterSpec.Duplicates spec) {
    this.part = spec.part();
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java has SHA-256", e);
    }
  }

  @Override
  public boolean remembers() {
    return true;
  }

  @Override
  public Verdict judge(Row row) {
    if (part != FilterSpec.Part.COMPLETION) {
      byte[] prompt = row.prompt().getBytes(StandardCharsets.UTF_8);
      // Its length tells where the prompt ends and the completion begins.
      sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, prompt.length));
      sha256.update(prompt);
    }
    if (part != FilterSpec.Part.PROMPT) {
      sha256.update(row.completion().getBytes(StandardCharsets.UTF_8));
    }
    ByteBuffer hash = ByteBuffer.wrap(sha256.digest());
    return Verdict.dropIf(!remember(hash.getLong(), hash.getLong()), DUPLICATE);
  }

  /** Notes a hash; false if it was there. */
  private boolean remember(long high, long low) {
    int place = place(table, high, low);
    if (table[place] != 0 || table[place + 1] != 0) {
      return false;
    }
    table[place] = high;
    table[place + 1] = low;
    remembered++;
    if (remembered * 2 * 4 > table.length * 3L) {
      grow();
    }
    return true;
  }

  /** Where a hash is, or would be put. */
  private static int place(long[] table, long high, long low) {
    int mask = table.length / 2 - 1;
    int place = (int) high & mask;
    while ((table[2 * place] != high || table[2 * place + 1] != low)
        && (table[2 * place] != 0 || table[2 * place + 1] != 0)) {
      place = (place + 1) & mask;
    }
    return 2 * place;
  }

  private void grow() {
    long[] larger = new long[Math.multiplyExact(table.length, 2)];
    for (int from = 0; from < table.length; from += 2) {
      if (table[from] != 0 || table[from + 1] != 0) {
        int to = place(larger, table[from], table[from + 1]);
        larger[to] = table[from];
        larger[to + 1] = table[from + 1];
      }
    }
    table = larger;
  }
}
