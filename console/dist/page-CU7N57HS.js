import{H as r,u as t}from"./chunk-IFO5BVNP.js";function e({site:o}){return r("h2",{"data-site":o,children:t("tab_articles")})}export{e as ArticlesPage};
