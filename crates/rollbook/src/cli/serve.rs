//! `rollbook serve`: one process that can be left running.

use anyhow::Context as _;
use clap::Args;

use super::Exit;
use super::context::Context;
use crate::serve;
use crate::supervise::stop_on_signals;
use crate::web::setup;

/// Show what was collected: pages for people, JSON for programs
#[derive(Debug, Args)]
pub struct Serve {}

impl Serve {
    /// Runs it.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        let stop = stop_on_signals();
        // Made and brought up to date before anybody reads.
        context.config.serve.check_listen()?;
        let setup = setup::link(&mut context.open_store()?, context.clock().now())?;
        let app = serve::app(&context.config, context.clock())?;
        let address = context.config.serve.listen;
        let listener = std::net::TcpListener::bind(address)
            .with_context(|| format!("cannot listen at {address}; choose another with ROLLBOOK_LISTEN"))?;
        let base = context.config.serve.base(listener.local_addr()?);
        println!("rollbook answers at {base}");
        if let Some(path) = setup {
            println!(
                "Nobody can sign in yet. This link makes the first admin, once, within 24 hours:\n{base}{path}"
            );
        }
        let web = serve::web_thread(listener, app, stop.clone())?;
        let mut stop = stop;
        stop.asked().await;
        web.join().map_err(|_| anyhow::anyhow!("the web server ended in a panic"))??;
        Ok(Exit::Done)
    }
}
