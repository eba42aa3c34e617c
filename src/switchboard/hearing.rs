//! Hearing of changes that other processes wrote: each thing is read again and taken in, or forgotten.
//!
//! Deliberately not here: how often (`jobs::rules`). **Invariant:** what is read is taken in before anybody of this process
//! changes the same tenant, so that no older state follows a newer one.

use std::sync::atomic::Ordering;

use super::{StartError, Switchboard};
use crate::store::Reader;
use crate::store::feed::{Heard, News, OPT_OUT, Told};

impl Switchboard {
    /// Takes in what changed since it was last asked; tells how many things, or that it was everything.
    ///
    /// # Errors
    /// A store that cannot be read: it is heard again. Hours that cannot be compiled: the rest is taken in.
    pub async fn hear(&self) -> Result<Change, StartError> {
        let Some(reader) = self.reader() else { return Ok(Change::Things(0)) };
        let since = self.heard.load(Ordering::SeqCst);
        let Heard { until, mut news, all } = reader.feed(since).await?;
        let (mut wrong, mut countries) = (None, false);
        if all {
            wrong = self.refresh().await.err();
            news.retain(|news| news.kind == OPT_OUT);
        }
        for news in &news {
            countries |= matches!(news.kind.as_str(), "tenant" | "number");
            wrong = self.take_in_news(reader, news).await.err().or(wrong);
        }
        if countries {
            self.memory.load().directory.settle_countries();
        }
        if let Some(why @ StartError::Store(_)) = wrong {
            return Err(why);
        }
        self.move_on(since, until);
        let change = if all { Change::Everything } else { Change::Things(news.len()) };
        wrong.map_or(Ok(change), Err)
    }

    /// A memory that was loaded anew meanwhile has heard more.
    fn move_on(&self, since: i64, until: i64) {
        // Whoever was first has moved it.
        self.heard.compare_exchange(since, until, Ordering::SeqCst, Ordering::SeqCst).ok();
    }

    async fn take_in_news(&self, reader: &Reader, news: &News) -> Result<(), StartError> {
        let _turn = self.locks.turn(&news.tenant).await;
        let told = reader.told(news).await?;
        let memory = self.memory.load();
        match told {
            Told::There(fact) => memory.directory.learn(*fact)?,
            Told::Gone(gone) => memory.directory.forget(&news.tenant, &gone),
            Told::Nothing => {}
        }
        Ok(())
    }
}

/// What was heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// So many things, each by itself.
    Things(usize),
    /// Anything: all that is declared was read anew.
    Everything,
}

#[cfg(test)]
mod tests;
