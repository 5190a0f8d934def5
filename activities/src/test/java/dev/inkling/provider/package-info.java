/**
 * A provider that exists only in tests: a process of its own that speaks OpenAI's and Anthropic's
 * interfaces, answers deterministically, fails on request, and keeps a ledger of what it billed.
 */
@NullMarked
package dev.inkling.provider;

import org.jspecify.annotations.NullMarked;
