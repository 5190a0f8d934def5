package dev.inkling.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.model.hub.HubException.Reason;

/** What the Hub refuses, in our words, with what to do next. */
record Refusals(HubSettings settings) {
  private static final String SET_TOKEN =
      " set HF_TOKEN, in the environment of the process or in INKLING_HOME/.env";

  /** An answer that is a good one. */
  Answer good(Answer answer, ModelId.OnHub id) throws HubException {
    if (!answer.good()) {
      throw of(answer, id);
    }
    return answer;
  }

  /**
   * Why nothing came of a request about a repository.
   *
   * @param id what was asked for
   */
  HubException of(Answer answer, ModelId.OnHub id) {
    String page = settings.endpoint() + "/" + id.repository();
    String code = answer.header("x-error-code");
    int status = answer.status();
    if (code.equals("GatedRepo")) {
      return gated(page, id);
    }
    if (code.equals("RevisionNotFound")) {
      return new HubException(
          Reason.NOT_FOUND,
          id.repository()
              + " has no revision '"
              + id.revision()
              + "'. Its branches, tags and commits: "
              + page
              + "/commits");
    }
    if (code.equals("EntryNotFound")) {
      return new HubException(
          Reason.NOT_FOUND, "A file of " + id + " is no longer there: " + said(answer));
    }
    boolean wrongToken = settings.token().isPresent() && said(answer).contains("credentials");
    if (status == 401 && wrongToken) {
      return new HubException(
          Reason.NO_ACCESS,
          "The Hub does not know the token in HF_TOKEN, or in the file that 'hf auth login' wrote."
              + " Make a new one at "
              + settings.endpoint()
              + "/settings/tokens, and"
              + SET_TOKEN
              + ".");
    }
    if (code.equals("RepoNotFound") || status == 401 || status == 404) {
      return absent(page);
    }
    if (status == 403) {
      return new HubException(
          Reason.NO_ACCESS,
          "The Hub does not allow this ("
              + said(answer)
              + "). Look at what the token may do at "
              + settings.endpoint()
              + "/settings/tokens, and at "
              + page);
    }
    return new HubException(
        Reason.REFUSED, "The Hub refuses (" + status + "): " + said(answer) + ". See " + page);
  }

  private HubException gated(String page, ModelId.OnHub id) {
    return new HubException(
        Reason.NO_ACCESS,
        settings.token().isEmpty()
            ? id.repository()
                + " is gated: its owner wants to know who takes it. Accept the terms at "
                + page
                + ", make a token at "
                + settings.endpoint()
                + "/settings/tokens, and"
                + SET_TOKEN
                + "."
            : id.repository()
                + " is gated, and the account of this token may not take it. Accept the terms at "
                + page
                + " with that account (some owners look at each request first), or"
                + SET_TOKEN
                + " to the token of another one.");
  }

  private HubException absent(String page) {
    return new HubException(
        settings.token().isEmpty() ? Reason.NO_ACCESS : Reason.NOT_FOUND,
        "There is no "
            + page
            + (settings.token().isEmpty()
                ? ", or it is private: then" + SET_TOKEN + "."
                : ", or the account of this token may not see it."));
  }

  /** The server's words, which may hold anything. */
  private String said(Answer answer) {
    String header = answer.header("x-error-message");
    if (!header.isEmpty()) {
      return settings.scrub(header);
    }
    try {
      JsonNode error = answer.json().path("error");
      return settings.scrub(error.isTextual() ? error.asText() : error.toString());
    } catch (PassingException e) {
      return settings.scrub(answer.text());
    }
  }

  /** Nobody may write without saying who it is. */
  HubException noToken() {
    return new HubException(
        Reason.NO_ACCESS,
        "To push one needs a token that may write: make one at "
            + settings.endpoint()
            + "/settings/tokens, and"
            + SET_TOKEN
            + ".");
  }

  /** Nothing may be asked. */
  HubException offlinePush() {
    return new HubException(
        Reason.OFFLINE, "HF_HUB_OFFLINE is set, so nothing is pushed. Unset it first.");
  }

  /** Nothing may be asked, and the cache does not have it. */
  HubException offline(String missing) {
    return new HubException(
        Reason.OFFLINE,
        missing
            + ", and HF_HUB_OFFLINE is set. Unset it, or download it where there is a network and"
            + " copy the cache: "
            + settings.cache());
  }
}
