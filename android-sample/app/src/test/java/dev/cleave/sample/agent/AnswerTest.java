package dev.cleave.sample.agent;

import static org.assertj.core.api.Assertions.assertThat;

import android.os.Bundle;
import android.os.Parcel;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Waterfall;
import dev.cleave.sample.SampleRunner;
import java.util.List;
import org.junit.Test;
import org.junit.runner.RunWith;

@RunWith(SampleRunner.class)
public class AnswerTest {
    @Test
    public void outlivesTheProcess() {
        Answer answer = new Answer(
                List.of(new Score(7, "cat", 0.75), new Score(2, "", Double.NaN)),
                Source.SPLIT,
                2,
                new Waterfall(1, 2, 3, 4, 5, 6, 7, 10, 8, 9, 45),
                4096,
                3,
                false,
                "because");
        Parcel parcel = Parcel.obtain();
        parcel.writeBundle(answer.write());
        parcel.setDataPosition(0);
        Bundle read = parcel.readBundle(getClass().getClassLoader());
        assertThat(Answer.read(read)).isEqualTo(answer);
        parcel.recycle();
    }

    @Test
    public void noneIsNone() {
        assertThat(Answer.read(null)).isNull();
    }
}
