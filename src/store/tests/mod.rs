mod chain;
mod files;
mod receipts;
mod seal;
