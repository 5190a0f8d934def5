package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Locale;

/** What a model is asked to answer with. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = AnswerForm.Free.class, name = "free"),
  @JsonSubTypes.Type(value = AnswerForm.MultipleChoice.class, name = "multiple-choice"),
  @JsonSubTypes.Type(value = AnswerForm.Rating.class, name = "rating")
})
public sealed interface AnswerForm {
  /** The bank of questions about animals for this form. */
  String bank();

  /** Words, as the question itself asks for them. */
  record Free() implements AnswerForm {
    @Override
    public String bank() {
      return "favourite-animals";
    }
  }

  /**
   * One of several options by its letter. Which letter an option has is drawn for each time a
   * question is asked, because models prefer some letters.
   */
  record MultipleChoice(
      @Field(
              value = "The words to choose from; the target is one of them.",
              minSize = 2,
              pattern = EvaluationSpec.TARGET)
          List<String> options)
      implements AnswerForm {
    /** One for each letter. */
    private static final int MOST = 26;

    public MultipleChoice {
      options = List.copyOf(options);
      if (options.size() > MOST) {
        throw new IllegalArgumentException(
            options.size() + " options are more than there are letters, " + MOST);
      }
      if (options.stream().map(o -> o.toLowerCase(Locale.ROOT)).distinct().count()
          < options.size()) {
        throw new IllegalArgumentException("an option stands there twice: " + options);
      }
    }

    @Override
    public String bank() {
      return "animal-choice";
    }
  }

  /** A whole number that says how much the model likes the target, which the question names. */
  record Rating(
      @Field(value = "The lowest rating.", byDefault = "0", min = 0, max = 999) int low,
      @Field(value = "The highest rating.", byDefault = "10", min = 1, max = 1000) int high)
      implements AnswerForm {
    public Rating {
      if (low >= high) {
        throw new IllegalArgumentException(
            "the lowest rating is " + low + ", not below the highest, " + high);
      }
    }

    @Override
    public String bank() {
      return "animal-rating";
    }
  }
}
