package dev.inkling.provider;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What can go wrong, or end otherwise, with one request. */
public enum Fault {
  /** 429 with Retry-After in seconds. */
  @JsonProperty("rate-limit")
  RATE_LIMIT(false),
  /** 429 with Retry-After as a date. */
  @JsonProperty("rate-limit-date")
  RATE_LIMIT_DATE(false),
  /** 429 with retry-after-ms. */
  @JsonProperty("rate-limit-ms")
  RATE_LIMIT_MS(false),
  /** 429 because the account is out of money. */
  @JsonProperty("quota")
  QUOTA(false),
  /** 500. */
  @JsonProperty("500")
  ERROR_500(false),
  /** 529. */
  @JsonProperty("overloaded")
  OVERLOADED(false),
  /** 408. */
  @JsonProperty("408")
  TIMEOUT_408(false),
  /** 409. */
  @JsonProperty("409")
  CONFLICT_409(false),
  /** 400. */
  @JsonProperty("400")
  BAD_REQUEST(false),
  /** 422 in the words of another server. */
  @JsonProperty("422")
  UNPROCESSABLE(false),
  /** 403. */
  @JsonProperty("403")
  FORBIDDEN(false),
  /** 404: the model is gone. */
  @JsonProperty("model-gone")
  MODEL_GONE(false),
  /** A web page with 502, as a proxy answers. */
  @JsonProperty("web-page")
  WEB_PAGE(false),
  /** The connection is reset before anything is billed. */
  @JsonProperty("reset-before")
  RESET_BEFORE(false),
  /** The connection is reset after the request was billed. */
  @JsonProperty("reset-after")
  RESET_AFTER(true),
  /** The answer comes {@link Behaviour#slowMs} later. */
  @JsonProperty("slow")
  SLOW(true),
  /** 200 with something that is no JSON. */
  @JsonProperty("malformed")
  MALFORMED(true),
  /** 200 with half of the answer, then the end of the connection. */
  @JsonProperty("half")
  HALF(true),
  /** 200 with an error in it. */
  @JsonProperty("error-in-200")
  ERROR_IN_200(true),
  /** An answer that the content policy stopped. */
  @JsonProperty("filtered")
  FILTERED(true),
  /** An answer in which the model refuses. */
  @JsonProperty("refused")
  REFUSED(true),
  /** An answer without a word. */
  @JsonProperty("empty")
  EMPTY(true),
  /** An answer that ends for a reason nobody has heard of. */
  @JsonProperty("odd-end")
  ODD_END(true);

  private final boolean billed;

  Fault(boolean billed) {
    this.billed = billed;
  }

  /** Whether the request is accepted, and so stands in the ledger. */
  boolean billed() {
    return billed;
  }

  /** How the control endpoint writes it. */
  public String word() {
    try {
      return Fault.class.getField(name()).getAnnotation(JsonProperty.class).value();
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException(name(), e);
    }
  }
}
