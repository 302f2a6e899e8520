//! A list of pages that makes both the router and what is asked when privacy is proved, so that neither
//! has a page that the other lacks.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{get, post};

use crate::pages::Pages;

/// A page: its path, as in `/cases/{case}`, and what its query can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The path.
    pub path: &'static str,
    /// The names of its query's parameters.
    pub query: &'static [&'static str],
    /// Is something sent to it?
    pub sent: bool,
}

/// The router and the list, growing together.
#[derive(Default)]
pub struct Routes {
    router: Router<Arc<Pages>>,
    pages: Vec<Page>,
}

impl Routes {
    /// A page.
    #[must_use]
    pub fn page<H, T>(mut self, path: &'static str, query: &'static [&'static str], read: H) -> Self
    where
        H: Handler<T, Arc<Pages>>,
        T: 'static,
    {
        self.router = self.router.route(path, get(read));
        self.pages.push(Page {
            path,
            query,
            sent: false,
        });
        self
    }

    /// What a form of a page is sent to.
    #[must_use]
    pub fn sent<H, T>(mut self, path: &'static str, take: H) -> Self
    where
        H: Handler<T, Arc<Pages>>,
        T: 'static,
    {
        self.router = self.router.route(path, post(take));
        self.pages.push(Page {
            path,
            query: &[],
            sent: true,
        });
        self
    }

    /// A page with a form that is sent to itself.
    #[must_use]
    pub fn form<R, S, T, U>(self, path: &'static str, read: R, take: S) -> Self
    where
        R: Handler<T, Arc<Pages>>,
        S: Handler<U, Arc<Pages>>,
        T: 'static,
        U: 'static,
    {
        self.page(path, &[], read).sent(path, take)
    }

    /// Both.
    pub fn parts(self) -> (Router<Arc<Pages>>, Vec<Page>) {
        (self.router, self.pages)
    }
}
