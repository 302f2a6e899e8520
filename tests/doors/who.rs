//! Everyone who comes to the door, and how they sign in.

use pipss::demo::people::PEOPLE;

/// How someone signs in.
#[derive(Clone)]
pub struct Who {
    pub short: &'static str,
    pub subject: String,
    pub name: String,
    pub email: String,
}

/// Everyone who can sign in: those of the demonstration, the duty contact, someone new.
pub fn known() -> Vec<Who> {
    let demo = PEOPLE.iter().map(|who| Who {
        short: who.short,
        subject: who.subject(),
        name: who.name.into(),
        email: who.email(),
    });
    let others = [
        ("duty", "demo-duty", "Dana Knot", "dana.knot@example.test"),
        (
            "program",
            "demo-program",
            "Incident reports",
            "program@example.test",
        ),
        (
            "stranger",
            "someone-new",
            "Some One",
            "some.one@example.test",
        ),
    ];
    demo.chain(others.map(|(short, subject, name, email)| Who {
        short,
        subject: subject.into(),
        name: name.into(),
        email: email.into(),
    }))
    .collect()
}
